namespace Lockstep.Engine.Data;

/// <summary>What is trained on, and what is evaluated on; the latter is null where there is nothing to evaluate on.</summary>
public sealed record DataParts
{
    /// <exception cref="DataException">The parts have inputs or targets of different shapes or classes.</exception>
    public DataParts(DataSet training, DataSet? validation)
    {
        Training = training;
        Validation = validation;
        if (validation is null)
            return;
        if (!training.InputShape.SequenceEqual(validation.InputShape))
            throw new DataException(validation.Name, $"Its inputs have the shape {Text(validation.InputShape)}, those of {training.Name} have {Text(training.InputShape)}.", "Validate on samples of the same shape.");
        if (training.HasClasses != validation.HasClasses || !training.TargetShape.SequenceEqual(validation.TargetShape))
            throw new DataException(validation.Name, $"Its targets are {Targets(validation)}, those of {training.Name} are {Targets(training)}.", "Validate on targets of the same kind.");

        // A part may lack the highest classes; but what both have must be the same classes.
        IReadOnlyList<string> more = training.ClassCount >= validation.ClassCount ? training.ClassNames : validation.ClassNames;
        IReadOnlyList<string> fewer = ReferenceEquals(more, training.ClassNames) ? validation.ClassNames : training.ClassNames;
        if (!more.Take(fewer.Count).SequenceEqual(fewer, StringComparer.Ordinal))
            throw new DataException(validation.Name, $"Its classes are not those of {training.Name}: {List(validation.ClassNames)} and {List(training.ClassNames)}.", "Give the classes numbers from 0 in both.");
        Training = training.ClassCount == more.Count ? training : training.WithClassNames(more);
        Validation = validation.ClassCount == more.Count ? validation : validation.WithClassNames(more);
    }

    public DataSet Training { get; }

    public DataSet? Validation { get; }

    /// <summary>The fingerprint of both parts' files.</summary>
    public string Fingerprint => Validation is null || Validation.Fingerprint == Training.Fingerprint
        ? Training.Fingerprint
        : DataFingerprint.Combine(Training.Fingerprint, Validation.Fingerprint);

    /// <summary>Cuts the last ⌊fraction·n⌋ of the n samples off for validation; the product is taken in decimal.</summary>
    /// <exception cref="DataException">The fraction is not between 0 and 1, or a part would be empty.</exception>
    public static DataParts Cut(DataSet whole, double fraction)
    {
        if (!(fraction is > 0 and < 1))
            throw new DataException(whole.Name, FormattableString.Invariant($"The validation fraction {fraction} is not between 0 and 1."), "Give a fraction such as 0.1.");
        return CutLast(whole, (int)decimal.Floor((decimal)fraction * whole.Count));
    }

    /// <summary>Cuts the last samples off for validation.</summary>
    /// <exception cref="DataException">A part would be empty.</exception>
    public static DataParts CutLast(DataSet whole, int count)
    {
        if (count < 1 || count >= whole.Count)
            throw new DataException(whole.Name, $"Of {whole.Count} samples, {count} would be the validation part.", "Leave at least one sample for each part: change the fraction, or the limit.");
        return new DataParts(
            whole.Part(0, whole.Count - count, $"{whole.Name} (training part)"),
            whole.Part(whole.Count - count, count, $"{whole.Name} (validation part)"));
    }

    private static string Targets(DataSet data) => data.HasClasses ? $"{data.ClassCount} classes" : $"values of shape {Text(data.TargetShape)}";

    private static string List(IReadOnlyList<string> names) => string.Join(", ", names.Take(10)) + (names.Count > 10 ? ", …" : "");

    private static string Text(IReadOnlyList<int> shape) => $"[{string.Join(", ", shape)}]";
}
