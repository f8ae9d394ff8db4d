using System.Globalization;
using System.Text;

namespace Lockstep.Engine.Data.Tables;

/// <summary>Samples from the rows of a table.</summary>
internal static class CsvDataSet
{
    /// <exception cref="DataException">The table is missing, or a cell is not what it should be.</exception>
    public static DataSet Read(CsvOptions options) => Read(PackedFile.ReadAll(options.Path), options, options.Path);

    /// <summary>Reads a table that is in memory already.</summary>
    public static DataSet Read(byte[] content, CsvOptions options, string name)
    {
        if (options.Window is not null)
            return SeriesTable.Read(content, options, name).Windows();
        CsvRows rows = Rows(content, options);
        using var fingerprint = new DataFingerprint();
        string digest = fingerprint.Add(content).Finish();
        var inputs = new FloatInputs([.. rows.Inputs]);
        int[] shape = [options.Inputs.Count];
        if (options.Classes is null)
            return new DataSet(name, shape, inputs, rows.Count, [options.Targets.Count], [.. rows.Targets], digest);
        (int[] classes, IReadOnlyList<string> names) = Classes(rows.Labels, options.Path);
        return new DataSet(name, shape, inputs, classes, names, digest);
    }

    /// <summary>Reads all rows.</summary>
    internal static CsvRows Rows(byte[] content, CsvOptions options)
    {
        if (options.Inputs.Count == 0)
            throw new DataException(options.Path, "No input columns are named.", "List them under 'inputs'.");
        if (options.Classes is null == (options.Targets.Count == 0))
            throw new DataException(options.Path, "Either target columns or a class column must be named.", "List value columns under 'targets', or name one column under 'classes'.");

        var rows = new CsvRows(new CsvReader(new MemoryStream(content, writable: false), options.Path), options);
        while (rows.ReadNext())
        {
        }
        if (rows.Count == 0)
            throw new DataException(options.Path, "The table has no rows.", "Give a table with at least one.");
        return rows;
    }

    internal static (int[] Classes, IReadOnlyList<string> Names) Classes(List<string> labels, string path)
    {
        long[] numbers = new long[labels.Count];
        bool allNumbers = true;
        for (int i = 0; i < numbers.Length && allNumbers; i++)
            allNumbers = long.TryParse(labels[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]);
        if (allNumbers)
            return ([.. numbers.Select(number => (int)number)], ClassList.NamesOf(numbers, path));

        string[] names = [.. labels.Distinct(StringComparer.Ordinal).OrderBy(Encoding.UTF8.GetBytes, Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right)))];
        Dictionary<string, int> order = names.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
        return ([.. labels.Select(label => order[label])], names);
    }
}
