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
        PartsCheck.RequireSameKind(training, validation);

        // A part may lack the highest classes; but what both have must be the same classes.
        IReadOnlyList<string> more = training.ClassCount >= validation.ClassCount ? training.ClassNames : validation.ClassNames;
        IReadOnlyList<string> fewer = ReferenceEquals(more, training.ClassNames) ? validation.ClassNames : training.ClassNames;
        if (!ClassList.Begins(more, fewer))
            throw new DataException(validation.Name, $"Its classes are not those of {training.Name}: {List(validation.ClassNames)} and {List(training.ClassNames)}.", "Give the classes numbers from 0 in both.");
        Training = Widened(training, more, validation);
        Validation = Widened(validation, more, training);
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
        RequireFraction(whole.Name, fraction);
        return CutLast(whole, Share(fraction, whole.Count));
    }

    /// <summary>Cuts the last ⌊fraction·n⌋ of the n samples of every class off for validation; both parts keep the order.</summary>
    /// <exception cref="DataException">The fraction is not between 0 and 1, or a part would be empty.</exception>
    public static DataParts CutEachClass(DataSet whole, double fraction)
    {
        RequireFraction(whole.Name, fraction);
        int[] counts = new int[whole.ClassCount], seen = new int[whole.ClassCount];
        for (int sample = 0; sample < whole.Count; sample++)
            counts[whole.ClassOf(sample)]++;
        var training = new List<int>();
        var validation = new List<int>();
        for (int sample = 0; sample < whole.Count; sample++)
        {
            int of = whole.ClassOf(sample);
            (seen[of]++ < counts[of] - Share(fraction, counts[of]) ? training : validation).Add(sample);
        }
        if (training.Count == 0 || validation.Count == 0)
            throw new DataException(whole.Name, $"Of {whole.Count} samples, {validation.Count} would be the validation part.", "Leave at least one sample for each part: change the fraction, or the limit.");
        return new DataParts(whole.Pick(training, $"{whole.Name} (training part)"), whole.Pick(validation, $"{whole.Name} (validation part)"));
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

    /// <summary>⌊fraction·count⌋, the product taken in decimal.</summary>
    internal static int Share(double fraction, int count) => (int)decimal.Floor((decimal)fraction * count);

    /// <exception cref="DataException">The fraction is not between 0 and 1.</exception>
    internal static void RequireFraction(string name, double fraction)
    {
        if (!(fraction is > 0 and < 1))
            throw new DataException(name, FormattableString.Invariant($"The validation fraction {fraction} is not between 0 and 1."), "Give a fraction such as 0.1.");
    }

    private static DataSet Widened(DataSet part, IReadOnlyList<string> classNames, DataSet other)
    {
        DataSet named = part.ClassCount == classNames.Count ? part : part.WithClassNames(classNames);
        (int inputs, int teacher) = (Math.Max(part.VocabularySize, other.VocabularySize), Math.Max(part.TeacherVocabularySize, other.TeacherVocabularySize));
        return inputs == part.VocabularySize && teacher == part.TeacherVocabularySize ? named : named.WithVocabularySizes(inputs, teacher);
    }

    private static string List(IReadOnlyList<string> names) => string.Join(", ", names.Take(10)) + (names.Count > 10 ? ", …" : "");
}
