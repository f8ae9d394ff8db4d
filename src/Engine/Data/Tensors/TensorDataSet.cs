using Lockstep.Engine.Serialization;

namespace Lockstep.Engine.Data.Tensors;

/// <summary>
/// Samples from a .safetensors file: <c>inputs</c> F32 [N, …] and <c>targets</c>, either classes I64 [N] or values F32 [N, …]
/// (values [N] count as [N, 1]).
/// </summary>
internal static class TensorDataSet
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
        if (file.Tensors.FirstOrDefault(tensor => tensor.Name is not ("inputs" or "targets")) is { } other)
            throw new DataException(file.Path, $"It has a tensor {other}, which has no meaning here.", "Keep 'inputs' and 'targets' only.");
        if (inputs.Type != TensorType.F32)
            throw new DataException(file.Path, $"Tensor {inputs} is not of type F32.", "Convert inputs to F32.");
        if (inputs.Shape[0] != targets.Shape[0])
            throw new DataException(file.Path, $"There are {inputs.Shape[0]} inputs, but {targets.Shape[0]} targets.", "Give each input one target.");

        int count = inputs.Shape[0];
        int[] inputShape = inputs.Shape.Count == 1 ? [1] : [.. inputs.Shape.Skip(1)];
        var samples = new FloatInputs(Finite(file, inputs));
        using var fingerprint = new DataFingerprint();
        string digest = fingerprint.AddFile(file.Path).Finish();
        switch (targets.Type)
        {
            case TensorType.I64 when targets.Shape.Count == 1:
                long[] classes = new long[count];
                file.CopyTo("targets", classes);
                string[] names = ClassList.NamesOf(classes, file.Path);
                return new DataSet(file.Path, inputShape, samples, [.. classes.Select(number => (int)number)], names, digest);
            case TensorType.F32:
                int[] targetShape = targets.Shape.Count == 1 ? [1] : [.. targets.Shape.Skip(1)];
                return new DataSet(file.Path, inputShape, samples, count, targetShape, Finite(file, targets), digest);
            default:
                throw new DataException(file.Path, $"Tensor {targets} is neither classes (I64 [N]) nor values (F32 [N, …]).", "Convert targets to one of them.");
        }
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
