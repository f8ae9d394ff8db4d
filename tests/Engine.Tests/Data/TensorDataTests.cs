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

    [Fact]
    public unsafe void Sequences_have_tokens_masks_a_teacher_and_initial_states()
    {
        DataSet data = Read(
            TensorData.Of("inputs", [2, 3], new long[] { 1, 2, 3, 4, 5, 0 }),
            TensorData.Of("targets", [2, 2], new long[] { 6, 1, 2, 0 }),
            TensorData.Of("mask", [2, 3], new float[] { 1, 1, 1, 1, 1, 0 }),
            TensorData.Of("targetMask", [2, 2], new float[] { 1, 1, 1, 0 }),
            TensorData.Of("teacher", [2, 2], new long[] { 8, 6, 8, 2 }),
            TensorData.Of("encoder-1.c0_l0", [2, 1], new float[] { 7, 8 }),
            TensorData.Of("0.h0_l1", [2, 2], new float[] { 1, 2, 3, 4 }));
        Assert.True(data.InputsAreTokens);
        Assert.Equal((6, 7, 9), (data.VocabularySize, data.ClassCount, data.TeacherVocabularySize));
        Assert.Equal([4f, 5, 0], data.Input(1));
        Assert.Equal(["0.h0_l1", "encoder-1.c0_l0"], data.InitialStates);
        int* classes = stackalloc int[2];
        data.CopyTargetClasses(1, classes);
        Assert.Equal([2, 0], new Span<int>(classes, 2).ToArray());
        float* numbers = stackalloc float[3];
        data.CopyInputMask(1, numbers);
        Assert.Equal([1f, 1, 0], new Span<float>(numbers, 3).ToArray());
        data.CopyTargetMask(1, numbers);
        Assert.Equal([1f, 0], new Span<float>(numbers, 2).ToArray());
        data.CopyTeacher(0, numbers);
        Assert.Equal([8f, 6], new Span<float>(numbers, 2).ToArray());
        Assert.Equal(2, data.InitialStateLength(0));
        data.CopyInitialState(1, 0, numbers);
        Assert.Equal([3f, 4], new Span<float>(numbers, 2).ToArray());

        DataSet second = data.Part(1, 1, "second");
        second.CopyTeacher(0, numbers);
        Assert.Equal([8f, 2], new Span<float>(numbers, 2).ToArray());
        Assert.Equal(data.InitialStates, second.InitialStates);
    }

    [Fact]
    public unsafe void Values_may_have_a_mask_and_a_teacher_of_values()
    {
        DataSet data = Read(
            TensorData.Of("inputs", [1, 2, 2], new float[4]),
            TensorData.Of("targets", [1, 3, 1], new float[3]),
            TensorData.Of("targetMask", [1, 3], new float[] { 1, 0, 1 }),
            TensorData.Of("teacher", [1, 3, 2], new float[] { 1, 2, 3, 4, 5, 6 }));
        Assert.Equal((0, 3, 6, 0), (data.TargetSteps, data.TargetMaskSteps, data.TeacherLength, data.TeacherVocabularySize));
        Assert.Equal([3, 2], data.TeacherShape);
        float* numbers = stackalloc float[6];
        data.CopyTargetMask(0, numbers);
        Assert.Equal([1f, 0, 1], new Span<float>(numbers, 3).ToArray());
        data.CopyTeacher(0, numbers);
        Assert.Equal([1f, 2, 3, 4, 5, 6], new Span<float>(numbers, 6).ToArray());
        Assert.False(data.HasInputMask);
    }

    [Fact]
    public void A_part_for_validation_has_no_mask_that_training_has_not()
    {
        TensorData[] plain = [TensorData.Of("inputs", [1, 2], new long[2]), TensorData.Of("targets", [1, 2], new long[2])];
        DataSet without = Read(plain), with = Read([.. plain, TensorData.Of("mask", [1, 2], new float[] { 1, 0 })]), targets = Read([.. plain, TensorData.Of("targetMask", [1, 2], new float[] { 1, 0 })]);
        Assert.Contains("has a mask", Assert.Throws<DataException>(() => new DataParts(without, with)).Message, StringComparison.Ordinal);
        Assert.Contains("has a mask", Assert.Throws<DataException>(() => new DataParts(without, targets)).Message, StringComparison.Ordinal);
        Assert.False(new DataParts(with, without).Validation!.HasInputMask);
    }

    [Fact]
    public void Parts_take_the_larger_of_their_vocabularies()
    {
        DataSet few = Read(TensorData.Of("inputs", [1, 2], new long[] { 0, 1 }), TensorData.Of("targets", [1, 1], new long[] { 3 }));
        DataSet many = Read(TensorData.Of("inputs", [1, 2], new long[] { 0, 9 }), TensorData.Of("targets", [1, 1], new long[] { 1 }));
        var parts = new DataParts(few, many);
        Assert.Equal((10, 10, 4, 4), (parts.Training.VocabularySize, parts.Validation!.VocabularySize, parts.Training.ClassCount, parts.Validation.ClassCount));
        Assert.Contains("[T] of tokens", Assert.Throws<DataException>(() => new DataParts(few, Read(TensorData.Of("inputs", [1, 2], new float[2]), TensorData.Of("targets", [1, 1], new long[1])))).Message, StringComparison.Ordinal);
        Assert.Contains("2 classes a sample", Assert.Throws<DataException>(() => new DataParts(few, Read(TensorData.Of("inputs", [1, 2], new long[2]), TensorData.Of("targets", [1, 2], new long[2])))).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, TensorData[]> Faults => new()
    {
        { "no tensor 'inputs'", [TensorData.Of("targets", [1], new float[1])] },
        { "no tensor 'targets'", [TensorData.Of("inputs", [1], new float[1])] },
        { "no meaning", [TensorData.Of("inputs", [1], new float[1]), TensorData.Of("targets", [1], new float[1]), TensorData.Of("weights", [1], new float[1])] },
        { "no mask for the inputs", [TensorData.Of("inputs", [1], new float[1]), TensorData.Of("targets", [1], new float[1]), TensorData.Of("mask", [1], new float[1])] },
        { "no mask for the inputs", [TensorData.Of("inputs", [1, 2, 3], new float[6]), TensorData.Of("targets", [1], new float[1]), TensorData.Of("mask", [1, 3], new float[3])] },
        { "masks have zeros and ones", [TensorData.Of("inputs", [1, 2], new float[2]), TensorData.Of("targets", [1], new float[1]), TensorData.Of("mask", [1, 2], new float[] { 1, 0.5f })] },
        { "no mask for the targets", [TensorData.Of("inputs", [1, 2], new float[2]), TensorData.Of("targets", [1], new float[1]), TensorData.Of("targetMask", [1, 1], new float[1])] },
        { "no teacher", [TensorData.Of("inputs", [1, 2], new float[2]), TensorData.Of("targets", [1, 2], new long[2]), TensorData.Of("teacher", [1, 3], new long[3])] },
        { "no teacher", [TensorData.Of("inputs", [1, 2], new float[2]), TensorData.Of("targets", [1], new long[1]), TensorData.Of("teacher", [1, 1], new long[1])] },
        { "no initial state", [TensorData.Of("inputs", [2, 2], new float[4]), TensorData.Of("targets", [2], new long[2]), TensorData.Of("0.h0_l0", [1, 4], new float[4])] },
        { "are tokens [N, T]", [TensorData.Of("inputs", [2], new long[2]), TensorData.Of("targets", [2], new long[2])] },
        { "has the number -1", [TensorData.Of("inputs", [1, 2], new long[] { 0, -1 }), TensorData.Of("targets", [1], new long[1])] },
        { "has the number 16777216", [TensorData.Of("inputs", [1, 2], new float[2]), TensorData.Of("targets", [1, 1], new long[] { 1 << 24 })] },
        { "not of type F32", [TensorData.Of("inputs", [1], new double[1]), TensorData.Of("targets", [1], new float[1])] },
        { "2 inputs, but 1 targets", [TensorData.Of("inputs", [2], new float[2]), TensorData.Of("targets", [1], new float[1])] },
        { "no samples", [TensorData.Of("inputs", [], new float[1]), TensorData.Of("targets", [1], new float[1])] },
        { "no samples", [TensorData.Of("inputs", [1, 0], new float[0]), TensorData.Of("targets", [1], new float[1])] },
        { "neither classes", [TensorData.Of("inputs", [1], new float[1]), TensorData.Of("targets", [1, 1, 1], new long[1])] },
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
        using var sequences = new MemoryStream();
        SafetensorsWriter.Write(
            sequences,
            [TensorData.Of("inputs", [2, 2], new long[4]), TensorData.Of("targets", [2, 2], new long[4]), TensorData.Of("mask", [2, 2], new float[4]), TensorData.Of("teacher", [2, 2], new long[4]), TensorData.Of("0.h0_l0", [2, 1], new float[2])]);
        Gen.OneOf(Mutation.Of(sound.ToArray()), Mutation.Of(sequences.ToArray())).Sample(
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
