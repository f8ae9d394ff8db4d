using CsCheck;
using Lockstep.Engine.Data;
using Lockstep.Engine.Serialization;
using Lockstep.Engine.Tests.Serialization;

namespace Lockstep.Engine.Tests.Data;

public sealed class TensorDataTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Values_and_classes_are_told_apart_by_their_type()
    {
        DataSet values = Read(TensorData.Of("inputs", [2, 1, 2], new float[] { 1, 2, 3, 4 }), TensorData.Of("targets", [2], new float[] { 5, 6 }));
        Assert.Equal([1, 2], values.InputShape);
        Assert.Equal([1], values.TargetShape);
        Assert.Equal([3f, 4], values.Input(1));
        Assert.Equal([6f], values.Target(1));

        DataSet classes = Read(TensorData.Of("inputs", [2, 1], new float[2]), TensorData.Of("targets", [2], new long[] { 2, 0 }));
        Assert.Equal(3, classes.ClassCount);
        Assert.Equal([2, 0], classes.Classes());
        Assert.NotEqual(values.Fingerprint, classes.Fingerprint);
    }

    public static TheoryData<string, TensorData[]> Faults => new()
    {
        { "no tensor 'inputs'", [TensorData.Of("targets", [1], new float[1])] },
        { "no tensor 'targets'", [TensorData.Of("inputs", [1], new float[1])] },
        { "no meaning", [TensorData.Of("inputs", [1], new float[1]), TensorData.Of("targets", [1], new float[1]), TensorData.Of("mask", [1], new float[1])] },
        { "not of type F32", [TensorData.Of("inputs", [1], new double[1]), TensorData.Of("targets", [1], new float[1])] },
        { "2 inputs, but 1 targets", [TensorData.Of("inputs", [2], new float[2]), TensorData.Of("targets", [1], new float[1])] },
        { "no samples", [TensorData.Of("inputs", [], new float[1]), TensorData.Of("targets", [1], new float[1])] },
        { "no samples", [TensorData.Of("inputs", [1, 0], new float[0]), TensorData.Of("targets", [1], new float[1])] },
        { "neither classes", [TensorData.Of("inputs", [1], new float[1]), TensorData.Of("targets", [1, 1], new long[1])] },
        { "has the class -1", [TensorData.Of("inputs", [1], new float[1]), TensorData.Of("targets", [1], new long[] { -1 })] },
        { "sample 1 has a number that is NaN", [TensorData.Of("inputs", [2, 2], new float[] { 0, 0, 0, float.NaN }), TensorData.Of("targets", [2], new long[2])] },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_is_told(string reason, TensorData[] tensors) =>
        Assert.Contains(reason, Assert.Throws<DataException>(() => Read(tensors)).Message, StringComparison.Ordinal);

    [Fact]
    public void Damage_is_refused_by_name_or_harmless()
    {
        using var sound = new MemoryStream();
        SafetensorsWriter.Write(sound, [TensorData.Of("inputs", [3, 2], new float[6]), TensorData.Of("targets", [3], new long[3])]);
        Mutation.Of(sound.ToArray()).Sample(
            bytes =>
            {
                try
                {
                    DataSet data = DataSets.Tensors(_folder.Write("fuzz", bytes));
                    _ = data.Input(data.Count - 1);
                }
                catch (DataException)
                {
                    // The one way in which a damaged file may be refused.
                }
            },
            threads: 1,
            iter: 2_000);
    }

    private DataSet Read(params TensorData[] tensors)
    {
        string path = _folder["tensors.safetensors"];
        AtomicFile.Write(path, SafetensorsWriter.Measure(tensors), stream => SafetensorsWriter.Write(stream, tensors));
        return DataSets.Tensors(path);
    }
}
