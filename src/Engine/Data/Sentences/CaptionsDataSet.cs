using Lockstep.Engine.Data.Images;

namespace Lockstep.Engine.Data.Sentences;

/// <summary>
/// Images and sentences about them: the input is the image [3, side, side], the teacher begin and the sentence, and the target the sentence and its end. An image
/// may have several sentences; it is kept once.
/// </summary>
internal static class CaptionsDataSet
{
    /// <param name="training">What is trained on.</param>
    /// <param name="validation">What is judged by; null for none.</param>
    /// <exception cref="DataException">A file is missing or wrong.</exception>
    public static (DataSet Training, DataSet? Validation) Read(CaptionsSource training, CaptionsSource? validation)
    {
        CaptionsSource[] sources = [.. new[] { training, validation }.OfType<CaptionsSource>()];
        SentenceTable[] tables = [.. sources.Select(source => SentenceTable.Read(source.Table, source.Header))];
        SentenceColumn sentences = SentenceColumn.Of(
            [.. tables.SelectMany(table => table.Rows.Select(row => (row.Second, $"{table.Path}, line {row.Line}")))], training.Unit, begins: true, training.Table);
        var store = new ImageStore(training.Size, training.Images);
        string[] fingerprints = new string[tables.Length];
        var which = new List<int>();
        for (int i = 0; i < tables.Length; i++)
        {
            using var fingerprint = new DataFingerprint();
            fingerprint.Add(tables[i].Content);
            which.AddRange(Decode(tables[i], sources[i].Images, store, fingerprint));
            fingerprints[i] = fingerprint.Finish();
        }
        var inputs = new SharedInputs(store.Inputs(), [.. which]);
        var sequence = new SequenceParts
        {
            TargetVocabulary = sentences.Vocabulary,
            TargetMask = sentences.Mask,
            Teacher = sentences.Teacher,
            TeacherShape = [sentences.Steps],
            TeacherVocabularySize = sentences.Vocabulary.Count,
        };
        return Split.Of(
            tables,
            (name, fingerprint) => new DataSet(name, [3, store.Side, store.Side], inputs, which.Count, sentences.Targets, sentences.Vocabulary.Texts, sequence, fingerprint),
            table => fingerprints[Array.IndexOf(tables, table)]);
    }

    /// <summary>
    /// Cuts the sentences of the last ⌊fraction·images⌋ images off for validation, images in the order in which the table first names them: no image is in both parts.
    /// </summary>
    /// <exception cref="DataException">A part would be empty.</exception>
    public static DataParts Cut(DataSet whole, CaptionsSource source, double fraction)
    {
        DataParts.RequireFraction(whole.Name, fraction);
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        int[] images = [.. SentenceTable.Read(source.Table, source.Header).Rows.Take(whole.Count).Select(row => Number(row.First))];
        int trained = seen.Count - DataParts.Share(fraction, seen.Count);
        if (trained == 0 || trained == seen.Count)
            throw new DataException(whole.Name, $"Of {seen.Count} images, {seen.Count - trained} would be in the validation part.", "Leave at least one for each part: change the fraction, or the limit.");
        return new DataParts(
            whole.Pick(Enumerable.Range(0, images.Length).Where(i => images[i] < trained), $"{whole.Name} (training part)"),
            whole.Pick(Enumerable.Range(0, images.Length).Where(i => images[i] >= trained), $"{whole.Name} (validation part)"));

        int Number(string name)
        {
            seen.TryAdd(name, seen.Count);
            return seen[name];
        }
    }

    private static IEnumerable<int> Decode(SentenceTable table, string folder, ImageStore store, DataFingerprint fingerprint)
    {
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach ((string name, _, int line) in table.Rows)
        {
            if (!known.TryGetValue(name, out int index))
            {
                known.Add(name, index = store.Count);
                byte[] content = PackedFile.ReadAll(Inside(folder, name, $"{table.Path}, line {line}"));
                fingerprint.Add(content);
                store.Add(content, Path.Combine(folder, name));
            }
            yield return index;
        }
    }

    /// <summary>A table may name files of its folder, and no others.</summary>
    private static string Inside(string folder, string name, string source)
    {
        if (name.Length == 0 || name.Contains('\0') || Path.IsPathRooted(name) || name.Split('/', '\\').Contains(".."))
            throw new DataException(source, $"'{name}' is no file of the folder {folder}.", "Name files as they are called in the folder of the images.");
        return Path.Combine(folder, name);
    }
}
