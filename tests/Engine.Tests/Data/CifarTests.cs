using System.Security.Cryptography;
using CsCheck;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Named;
using Lockstep.Engine.Tests.Serialization;

namespace Lockstep.Engine.Tests.Data;

public sealed class CifarTests : IDisposable
{
    private const int SampleLength = 3073;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_sample_is_a_label_and_three_channels_of_pixels(bool packed)
    {
        byte[] content = Images(3, 9, 0);
        DataSet data = DataSets.Cifar(_folder.Write("a.bin", packed ? Samples.Gzip(content) : content));
        Assert.Equal([3, 32, 32], data.InputShape);
        Assert.Equal([3, 9, 0], data.Classes());
        Assert.Equal(["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"], data.ClassNames);
        for (int sample = 0; sample < 3; sample++)
            Assert.Equal(content.Skip(sample * SampleLength + 1).Take(3072).Select(pixel => (float)pixel), data.Input(sample));
        byte[] framed = [.. content, .. BitConverter.GetBytes((long)content.Length)];
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(framed)), data.Fingerprint);
    }

    [Fact]
    public void Several_files_are_one_data_set_in_the_order_of_their_names()
    {
        _folder.Write("batch_10.bin", Images(4));
        _folder.Write("batch_2.bin", Images(5, 6));
        _folder.Write("batch_1.bin", Images(7));
        _folder.Write("other.bin", Images(8));
        Assert.Equal([7, 4, 5, 6], DataSets.Cifar(_folder["batch_*.bin"]).Classes());
        Assert.Equal([7, 5, 6], DataSets.Cifar(_folder["batch_?.bin"]).Classes());
        Assert.Contains("no such file", Assert.Throws<DataException>(() => DataSets.Cifar(_folder["x_*.bin"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 1, "no multiple of the 3073")]
    [InlineData(3072, 1, "no multiple of the 3073")]
    [InlineData(3074, 1, "no multiple of the 3073")]
    [InlineData(3073, 10, "Sample 0 has the label 10")]
    public void A_faulty_file_is_refused_with_its_reason(int length, byte label, string reason)
    {
        byte[] content = new byte[length];
        if (length > 0)
            content[0] = label;
        Assert.Contains(reason, Assert.Throws<DataException>(() => DataSets.Cifar(_folder.Write("a.bin", content))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_is_refused_by_name_or_harmless() =>
        Gen.OneOf(Mutation.Of(Images(1, 2)), Mutation.Of(Samples.Gzip(Images(1, 2)))).Sample(
            bytes =>
            {
                try
                {
                    DataSet data = DataSets.Cifar(_folder.Write("fuzz", bytes));
                    _ = data.Input(data.Count - 1);
                }
                catch (DataException)
                {
                    // The one way in which a damaged file may be refused.
                }
            },
            threads: 1,
            iter: 1_000);

    [Fact]
    public void The_named_set_is_found_as_it_is_published_or_as_two_files()
    {
        var folders = new DataFolders(_folder["configured"], null);
        string message = Assert.Throws<DataException>(() => DataSets.Cifar10(folders)).Message;
        Assert.Contains(_folder["configured/cifar10"], message, StringComparison.Ordinal);
        Assert.EndsWith("Run: lockstep data get cifar10", message, StringComparison.Ordinal);

        _folder.Write("configured/cifar10-6k/train.bin.gz", Samples.Gzip(Images(1, 2)));
        _folder.Write("configured/cifar10-6k/test.bin.gz", Samples.Gzip(Images(3)));
        DataParts small = DataSets.Load(new DataSpec(new NamedSource("cifar10")), folders);
        Assert.Equal([1, 2], small.Training.Classes());
        Assert.Equal([3], small.Validation!.Classes());

        for (int i = 1; i <= 5; i++)
            _folder.Write($"configured/cifar-10-batches-bin/data_batch_{i}.bin", Images((byte)i));
        Assert.Contains("test_batch.bin", Assert.Throws<DataException>(() => DataSets.Cifar10(folders)).Message, StringComparison.Ordinal);
        _folder.Write("configured/cifar-10-batches-bin/test_batch.bin", Images(9));
        DataParts published = DataSets.Cifar10(folders);
        Assert.Equal([1, 2, 3, 4, 5], published.Training.Classes());
        Assert.Equal([9], published.Validation!.Classes());
    }

    [SkippableFact]
    public void The_first_six_thousand_are_these_samples()
    {
        DataFolders folders = DataFolders.FromEnvironment();
        Skip.If(folders.Configured is null || !Directory.Exists(Path.Combine(folders.Configured, "cifar10-6k")), "LOCKSTEP_DATA has no folder cifar10-6k.");
        string folder = Path.Combine(folders.Configured!, "cifar10-6k");
        DataSet training = DataSets.Cifar(Path.Combine(folder, "train.bin.gz"));
        Assert.Equal(5_085, training.Count);
        Assert.Equal([6, 9, 9, 4, 1], training.Part(0, 5, "first").Classes());
        Assert.Equal(1_017, DataSets.Cifar(Path.Combine(folder, "test.bin.gz")).Count);
    }

    private static byte[] Images(params byte[] labels)
    {
        byte[] content = new byte[labels.Length * SampleLength];
        for (int i = 0; i < content.Length; i++)
            content[i] = i % SampleLength == 0 ? labels[i / SampleLength] : (byte)(i * 31 + i / 7);
        return content;
    }
}
