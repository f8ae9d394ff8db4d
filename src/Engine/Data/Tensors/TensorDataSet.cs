using System.Text.RegularExpressions;
using Lockstep.Engine.Serialization;

namespace Lockstep.Engine.Data.Tensors;

/// <summary>
/// Samples from a .safetensors file. <c>inputs</c>: F32 [N, …], or tokens I64 [N, T]. <c>targets</c>: classes I64 [N], a class at every step I64 [N, U], or values F32 [N, …]
/// (values [N] count as [N, 1]). Where there are such: <c>mask</c> F32 [N, T] and <c>targetMask</c> F32 [N, U] of ones and zeros, <c>teacher</c> tokens I64 [N, U] or values
/// F32 [N, U, D], and initial states <c>LAYER.h0_lLEVEL</c> and <c>LAYER.c0_lLEVEL</c> F32 [N, H].
/// </summary>
internal static partial class TensorDataSet
{
    /// <exception cref="DataException">The file is missing or damaged, or has not these tensors.</exception>
    public static DataSet Read(string path)
    {
        try
        {
            using SafetensorsFile file = SafetensorsFile.Open(path);
            return Read(file);
        }
        catch (SafetensorsException fault)
        {
            throw new DataException(path, fault.What, fault.Mend, fault);
        }
    }

    private static DataSet Read(SafetensorsFile file)
    {
        TensorEntry inputs = Required(file, "inputs");
        TensorEntry targets = Required(file, "targets");
        if (file.Tensors.FirstOrDefault(tensor => !IsKnown(tensor.Name)) is { } other)
            throw new DataException(file.Path, $"It has a tensor {other}, which has no meaning here.", "Keep 'inputs', 'targets', 'mask', 'targetMask', 'teacher', and initial states such as '0.h0_l0'.");
        int count = inputs.Shape[0];
        if (count != targets.Shape[0])
            throw new DataException(file.Path, $"There are {inputs.Shape[0]} inputs, but {targets.Shape[0]} targets.", "Give each input one target.");

        bool areTokens = inputs.Type == TensorType.I64;
        if (areTokens && inputs.Shape.Count != 2)
            throw new DataException(file.Path, $"Tensor {inputs} has whole numbers, which are tokens [N, T].", "Convert inputs to F32, or give tokens two axes.");
        if (!areTokens && inputs.Type != TensorType.F32)
            throw new DataException(file.Path, $"Tensor {inputs} is not of type F32, nor tokens of type I64.", "Convert inputs to F32.");
        int[] inputShape = inputs.Shape.Count == 1 ? [1] : [.. inputs.Shape.Skip(1)];
        int[]? tokens = areTokens ? Tokens(file, inputs) : null;
        SampleInputs samples = tokens is null ? new FloatInputs(Finite(file, inputs)) : new TokenInputs(tokens);
        using var fingerprint = new DataFingerprint();
        string digest = fingerprint.AddFile(file.Path).Finish();
        SequenceParts sequence = Sequence(file, inputs, targets) with { InputsAreTokens = areTokens, VocabularySize = tokens is null ? 0 : tokens.Max() + 1 };
        switch (targets.Type)
        {
            case TensorType.I64 when targets.Shape.Count == 1:
                long[] classes = new long[count];
                file.CopyTo("targets", classes);
                IReadOnlyList<string> names = ClassList.NamesOf(classes, file.Path);
                return new DataSet(file.Path, inputShape, samples, [.. classes.Select(number => (int)number)], names, digest).WithSequence(sequence);
            case TensorType.I64 when targets.Shape.Count == 2:
                int[] steps = Tokens(file, targets);
                return new DataSet(file.Path, inputShape, samples, count, new StepClasses(steps, 0, targets.Shape[1]), ClassList.Numbers(steps.Max() + 1), sequence, digest);
            case TensorType.F32:
                int[] targetShape = targets.Shape.Count == 1 ? [1] : [.. targets.Shape.Skip(1)];
                return new DataSet(file.Path, inputShape, samples, count, targetShape, Finite(file, targets), digest).WithSequence(sequence);
            default:
                throw new DataException(file.Path, $"Tensor {targets} is neither classes (I64 [N] or [N, U]) nor values (F32 [N, …]).", "Convert targets to one of them.");
        }
    }

    private static SequenceParts Sequence(SafetensorsFile file, TensorEntry inputs, TensorEntry targets)
    {
        SequenceParts sequence = SequenceParts.None with
        {
            InputMask = Mask(file, "mask", inputs, "inputs"),
            TargetMask = Mask(file, "targetMask", targets, "targets"),
            InitialStates = [.. file.Tensors.Where(tensor => StateName().IsMatch(tensor.Name)).OrderBy(tensor => tensor.Name, StringComparer.Ordinal).Select(tensor => State(file, tensor, inputs.Shape[0]))],
        };
        if (!file.Contains("teacher"))
            return sequence;
        TensorEntry teacher = Required(file, "teacher");
        int? steps = targets.Shape.Count >= 2 ? targets.Shape[1] : null;
        bool areTokens = teacher.Type == TensorType.I64 && teacher.Shape.Count == 2, areValues = teacher.Type == TensorType.F32 && teacher.Shape.Count == 3;
        if ((!areTokens && !areValues) || teacher.Shape[0] != inputs.Shape[0] || teacher.Shape[1] != steps)
            throw new DataException(file.Path, $"Tensor {teacher} is no teacher for the targets {targets}.", "Give tokens I64 [N, U] or values F32 [N, U, D], one for each step of the targets.");
        int[]? tokens = areTokens ? Tokens(file, teacher) : null;
        return sequence with
        {
            Teacher = tokens is null ? new FloatInputs(Finite(file, teacher)) : new TokenInputs(tokens),
            TeacherShape = [.. teacher.Shape.Skip(1)],
            TeacherVocabularySize = tokens is null ? 0 : tokens.Max() + 1,
        };
    }

    private static FloatInputs? Mask(SafetensorsFile file, string name, TensorEntry of, string what)
    {
        if (!file.Contains(name))
            return null;
        TensorEntry mask = Required(file, name);
        if (mask.Type != TensorType.F32 || of.Shape.Count < 2 || !mask.Shape.SequenceEqual(of.Shape.Take(2)))
            throw new DataException(file.Path, $"Tensor {mask} is no mask for the {what} {of}.", "Give F32 numbers, one for each step of each sample.");
        float[] numbers = Finite(file, mask);
        int bad = Array.FindIndex(numbers, number => number is not (0 or 1));
        return bad < 0
            ? new FloatInputs(numbers)
            : throw new DataException(file.Path, FormattableString.Invariant($"In tensor {mask}, sample {bad / mask.Shape[1]} has the number {numbers[bad]}; masks have zeros and ones."), "Write 1 for the steps that count and 0 for the others.");
    }

    private static InitialState State(SafetensorsFile file, TensorEntry state, int count) =>
        state.Type == TensorType.F32 && state.Shape.Count == 2 && state.Shape[0] == count && state.Shape[1] > 0 && state.Count <= Array.MaxLength
            ? new InitialState(state.Name, state.Shape[1], new FloatInputs(Finite(file, state)))
            : throw new DataException(file.Path, $"Tensor {state} is no initial state of {count} samples.", "Give F32 [N, H].");

    private static bool IsKnown(string name) => name is "inputs" or "targets" or "mask" or "targetMask" or "teacher" || StateName().IsMatch(name);

    [GeneratedRegex(@"^[A-Za-z0-9_-]+\.[hc]0_l[0-9]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex StateName();

    private static int[] Tokens(SafetensorsFile file, TensorEntry entry)
    {
        long[] numbers = new long[entry.Count];
        file.CopyTo(entry.Name, numbers);
        int bad = Array.FindIndex(numbers, number => number is < 0 or >= DataSet.MaximumClasses);
        return bad < 0
            ? Array.ConvertAll(numbers, number => (int)number)
            : throw new DataException(file.Path, $"In tensor {entry}, sample {bad / (entry.Count / entry.Shape[0])} has the number {numbers[bad]}.", $"Tokens and classes are 0 to {DataSet.MaximumClasses - 1}.");
    }

    private static TensorEntry Required(SafetensorsFile file, string name)
    {
        TensorEntry entry = file[name];
        if (entry.Shape.Count == 0 || entry.Count == 0)
            throw new DataException(file.Path, $"Tensor {entry} has no samples.", "The first axis is the sample, and there must be at least one number.");
        return entry.Count <= Array.MaxLength
            ? entry
            : throw new DataException(file.Path, $"Tensor {entry} has more than {Array.MaxLength} numbers.", "Split the file.");
    }

    private static float[] Finite(SafetensorsFile file, TensorEntry entry)
    {
        float[] numbers = new float[entry.Count];
        file.CopyTo(entry.Name, numbers);
        int bad = Array.FindIndex(numbers, number => !float.IsFinite(number));
        return bad < 0
            ? numbers
            : throw new DataException(file.Path, $"In tensor {entry}, sample {bad / (entry.Count / entry.Shape[0])} has a number that is {numbers[bad]}.", "Leave samples with gaps out.");
    }
}
