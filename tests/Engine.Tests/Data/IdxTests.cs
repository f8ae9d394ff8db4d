using System.Security.Cryptography;
using CsCheck;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Named;
using Lockstep.Engine.Tests.Serialization;

namespace Lockstep.Engine.Tests.Data;

public sealed class IdxTests : IDisposable
{
    private static readonly byte[] Images = Samples.Idx([2, 2, 3], [0, 1, 2, 3, 4, 5, 255, 254, 253, 252, 251, 250]);
    private static readonly byte[] Labels = Samples.Idx([2], [4, 1]);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Images_and_labels_are_read_whether_packed_or_not(bool packed)
    {
        DataSet data = DataSets.Idx(
            _folder.Write("images", packed ? Samples.Gzip(Images) : Images),
            _folder.Write("labels", packed ? Samples.Gzip(Labels) : Labels));
        Assert.Equal([1, 2, 3], data.InputShape);
        Assert.Equal([255f, 254, 253, 252, 251, 250], data.Input(1));
        Assert.Equal([4, 1], data.Classes());
        Assert.Equal(5, data.ClassCount);
        byte[] framed = [.. Images, (byte)Images.Length, 0, 0, 0, 0, 0, 0, 0, .. Labels, (byte)Labels.Length, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(framed)), data.Fingerprint);
    }

    [Fact]
    public void Images_with_channels_keep_them()
    {
        DataSet data = DataSets.Idx(_folder.Write("images", Samples.Idx([1, 3, 2, 2], new byte[12])), _folder.Write("labels", Samples.Idx([1], [0])));
        Assert.Equal([3, 2, 2], data.InputShape);
    }

    public static TheoryData<string, byte[], byte[]> Faults => new()
    {
        { "no IDX file", [1, .. Images[1..]], Labels },
        { "of type 0x0d", Samples.Idx([2, 2, 3], new byte[12], type: 13), Labels },
        { "0 axes", [0, 0, 8, 0], Labels },
        { "9 axes", [0, 0, 8, 9, .. new byte[36]], Labels },
        { "cut off or damaged", Images[..^1], Labels },
        { "too early", Samples.Gzip(Images[..^1]), Labels },
        { "too early", Images[..6], Labels },
        { "too early", [], Labels },
        { "goes on", [.. Images, 0], Labels },
        { "beyond what", Samples.Idx([int.MaxValue, int.MaxValue, int.MaxValue], []), Labels },
        { "cut off or damaged", Samples.Idx([2_000_000_000], []), Labels },
        { "images have 3", Labels, Labels },
        { "labels have 1", Images, Images },
        { "2 images", Images, Samples.Idx([3], [1, 2, 3]) },
        { "nothing in it", Samples.Idx([0, 2, 3], []), Samples.Idx([0], []) },
        { "nothing in it", Samples.Idx([2, 0, 3], []), Labels },
        { "gzipped but damaged", [0x1F, 0x8B, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], Labels },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_faulty_pair_is_refused_with_its_reason(string reason, byte[] images, byte[] labels)
    {
        string first = _folder.Write("images", images);
        string second = _folder.Write("labels", labels);
        string message = Assert.Throws<DataException>(() => DataSets.Idx(first, second)).Message;
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_packed_file_cannot_claim_more_than_packing_allows()
    {
        string images = _folder.Write("images", Samples.Gzip(Samples.Idx([2_000_000_000, 1, 1], [])));
        Assert.Contains("cannot hold more", Assert.Throws<DataException>(() => DataSets.Idx(images, images)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_is_refused_by_name_or_harmless()
    {
        string labels = _folder.Write("labels", Labels);
        Gen.OneOf(Mutation.Of(Images), Mutation.Of(Samples.Gzip(Images))).Sample(
            bytes =>
            {
                try
                {
                    DataSet data = DataSets.Idx(_folder.Write("images", bytes), labels);
                    _ = data.Input(data.Count - 1);
                }
                catch (DataException)
                {
                    // The one way in which a damaged file may be refused.
                }
            },
            threads: 1,
            iter: 3_000);
    }

    [Fact]
    public void A_named_set_is_found_in_its_folder_in_the_configured_one_and_in_the_users()
    {
        var folders = new DataFolders(_folder["configured"], _folder["user"]);
        Place("user/mnist", 1);
        Assert.Equal(1, DataSets.Mnist(folders).Training.ClassOf(0));
        Place("configured", 2);
        Assert.Equal(2, DataSets.Mnist(folders).Training.ClassOf(0));
        Place("configured/mnist", 3);
        DataParts found = DataSets.Mnist(folders);
        Assert.Equal(3, found.Training.ClassOf(0));
        Assert.Equal(10, found.Training.ClassCount);
        Assert.Equal(4, found.Validation!.ClassOf(0));
        Assert.Throws<DataException>(() => DataSets.FashionMnist(folders));
    }

    [Fact]
    public void A_missing_named_set_says_how_to_get_it_and_where_it_was_looked_for()
    {
        var fault = Assert.Throws<DataException>(() => DataSets.Mnist(new DataFolders(_folder["configured"], _folder["user"])));
        Assert.EndsWith("Run: lockstep data get mnist", fault.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_folder["configured"], "mnist"), fault.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_folder["user"], "mnist"), fault.Message, StringComparison.Ordinal);

        Place("configured/mnist", 0);
        File.Delete(_folder["configured/mnist/t10k-labels-idx1-ubyte.gz"]);
        Assert.Contains("t10k-labels", Assert.Throws<DataException>(() => DataSets.Mnist(new DataFolders(_folder["configured"], null))).Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public void Mnist_is_these_samples()
    {
        DataFolders folders = DataFolders.FromEnvironment();
        Skip.If(folders.Configured is null, "Set LOCKSTEP_DATA to a folder that has mnist/.");
        Skip.IfNot(Directory.Exists(Path.Combine(folders.Configured!, "mnist")), "LOCKSTEP_DATA has no folder mnist: run lockstep data get mnist.");
        DataParts mnist = DataSets.Mnist(folders);
        Assert.Equal(60_000, mnist.Training.Count);
        Assert.Equal(10_000, mnist.Validation!.Count);
        Assert.Equal([1, 28, 28], mnist.Training.InputShape);
        Assert.Equal([5, 0, 4, 1, 9], mnist.Training.Part(0, 5, "first").Classes());
        Assert.Equal([7, 2, 1, 0, 4], mnist.Validation.Part(0, 5, "first").Classes());
        Assert.Equal("61a6f1e41c9f7a47d8c7b6da8fbc225d9bacc002832169ec5eb1cdc9dfb2d819", mnist.Fingerprint);
    }

    private void Place(string folder, byte label)
    {
        _folder.Write($"{folder}/train-images-idx3-ubyte", Samples.Idx([1, 1, 1], [9]));
        _folder.Write($"{folder}/train-labels-idx1-ubyte.gz", Samples.Gzip(Samples.Idx([1], [label])));
        _folder.Write($"{folder}/t10k-images-idx3-ubyte.gz", Samples.Gzip(Samples.Idx([1, 1, 1], [9])));
        _folder.Write($"{folder}/t10k-labels-idx1-ubyte.gz", Samples.Gzip(Samples.Idx([1], [(byte)(label + 1)])));
    }
}
