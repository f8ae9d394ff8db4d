namespace Lockstep.Engine.Data.Sentences;

/// <summary>
/// Source and target sentences: the input is the source sentence and its end, the teacher begin and the target sentence, and the target the target sentence and
/// its end. The two sides have vocabularies of their own, which are those of all tables together.
/// </summary>
internal static class PairsDataSet
{
    /// <param name="training">The table to train on.</param>
    /// <param name="validation">The one to judge by; null for none.</param>
    /// <exception cref="DataException">A table is missing or wrong.</exception>
    public static (DataSet Training, DataSet? Validation) Read(PairsSource training, PairsSource? validation)
    {
        SentenceTable[] tables = [.. new[] { training, validation }.OfType<PairsSource>().Select(source => SentenceTable.Read(source.Path, source.Header))];
        SentenceColumn source = Column(row => row.First, begins: false), target = Column(row => row.Second, begins: true);
        var sequence = new SequenceParts
        {
            InputsAreTokens = true,
            Vocabulary = source.Vocabulary,
            VocabularySize = source.Vocabulary.Count,
            InputMask = source.Mask,
            TargetVocabulary = target.Vocabulary,
            TargetMask = target.Mask,
            Teacher = target.Teacher,
            TeacherShape = [target.Steps],
            TeacherVocabularySize = target.Vocabulary.Count,
        };
        return Split.Of(tables, (name, fingerprint) =>
            new DataSet(name, [source.Steps], source.Inputs, tables.Sum(table => table.Rows.Count), target.Targets, target.Vocabulary.Texts, sequence, fingerprint), Fingerprint);

        SentenceColumn Column(Func<(string First, string Second, int Line), string> pick, bool begins) => SentenceColumn.Of(
            [.. tables.SelectMany(table => table.Rows.Select(row => (pick(row), $"{table.Path}, line {row.Line}")))], training.Unit, begins, training.Path);
    }

    private static string Fingerprint(SentenceTable table)
    {
        using var fingerprint = new DataFingerprint();
        return fingerprint.Add(table.Content).Finish();
    }
}

/// <summary>Cuts what was made of two tables together in two again.</summary>
internal static class Split
{
    public static (DataSet Training, DataSet? Validation) Of(SentenceTable[] tables, Func<string, string, DataSet> whole, Func<SentenceTable, string> fingerprint)
    {
        int first = tables[0].Rows.Count;
        DataSet training = whole(tables[0].Path, fingerprint(tables[0]));
        return tables.Length == 1
            ? (training, null)
            : (training.Part(0, first, tables[0].Path), whole(tables[1].Path, fingerprint(tables[1])).Part(first, tables[1].Rows.Count, tables[1].Path));
    }
}
