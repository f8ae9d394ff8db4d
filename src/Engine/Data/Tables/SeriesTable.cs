using Lockstep.Engine.Functions;

namespace Lockstep.Engine.Data.Tables;

/// <summary>What is taken of a column.</summary>
internal enum Change
{
    None,

    /// <summary>x(t) − x(t − 1).</summary>
    Difference,

    /// <summary>log(x(t)/x(t − 1)).</summary>
    LogReturn,
}

/// <summary>
/// A table whose rows are moments in time. A run of its rows becomes windows by itself: changes are taken within the run, whose first row has none and is left
/// out then, so that what is cut between two rows shares nothing.
/// </summary>
internal sealed class SeriesTable
{
    private readonly CsvOptions _options;
    private readonly CsvRows _rows;
    private readonly string _name;
    private readonly string _fingerprint;
    private readonly int[]? _classes;
    private readonly IReadOnlyList<string> _classNames = [];

    private SeriesTable(CsvOptions options, CsvRows rows, string name, string fingerprint)
    {
        (_options, _rows, _name, _fingerprint) = (options, rows, name, fingerprint);
        if (options.Classes is not null)
            (_classes, _classNames) = CsvDataSet.Classes(rows.Labels, options.Path);
    }

    /// <summary>How many rows the table has.</summary>
    public int Rows => _rows.Count;

    /// <exception cref="DataException">The table is missing, or a cell is not what it should be.</exception>
    public static SeriesTable Read(CsvOptions options) => Read(PackedFile.ReadAll(options.Path), options, options.Path);

    /// <summary>Reads a table that is in memory already.</summary>
    public static SeriesTable Read(byte[] content, CsvOptions options, string name)
    {
        if (options.Window is not >= 1 || options.Horizon < 1)
            throw new DataException(options.Path, $"The window has {options.Window} rows and the horizon is {options.Horizon}.", "Both are at least 1.");
        using var fingerprint = new DataFingerprint();
        return new SeriesTable(options, CsvDataSet.Rows(content, options), name, fingerprint.Add(content).Finish());
    }

    /// <summary>The windows of all rows.</summary>
    public DataSet Windows() => Windows(0, Rows, _name);

    /// <summary>
    /// The windows of a run of rows: sample i has rows i to i + W − 1 as input [W, columns], and as target row i + W − 1 + horizon, all of the run.
    /// </summary>
    /// <exception cref="DataException">There are not rows enough, or a change is no number.</exception>
    public DataSet Windows(int first, int count, string name)
    {
        int window = _options.Window!.Value, columns = _options.Inputs.Count, values = _options.Targets.Count;
        bool changes = _rows.InputChanges.Concat(_rows.TargetChanges).Any(change => change != Change.None);
        int skipped = changes ? 1 : 0;
        int rows = Math.Max(count - skipped, 0);
        long samples = (long)rows - window - _options.Horizon + 1;
        if (samples < 1)
            throw new DataException(name, $"Its {count} rows are too few for a window of {window} and a horizon of {_options.Horizon}{(changes ? ", with one row more for the changes" : "")}.", "Use a smaller window, a larger part, or more rows.");

        var inputs = new WindowInputs(Taken(_rows.SeriesInputs, _rows.InputChanges, first + skipped, rows), columns);
        int target = first + skipped + window - 1 + _options.Horizon;
        return _classes is null
            ? new DataSet(name, [window, columns], inputs, (int)samples, [values], Taken(_rows.SeriesTargets, _rows.TargetChanges, target, (int)samples), _fingerprint)
            : new DataSet(name, [window, columns], inputs, _classes[target..(target + (int)samples)], _classNames, _fingerprint);
    }

    /// <summary>The numbers of the input columns in the table.</summary>
    public IReadOnlyList<int> InputColumns => _rows.InputColumns;

    /// <summary>The target columns.</summary>
    public IEnumerable<SeriesTarget> Targets =>
        _rows.TargetColumns.Zip(_rows.TargetChanges, (column, change) => new SeriesTarget(column, _rows.NameOf(column)) { Change = change });

    /// <summary>What the target columns have in the last row, changes not taken.</summary>
    public IEnumerable<double> LastTargets() => _rows.SeriesTargets.TakeLast(_options.Targets.Count);

    /// <summary>The window whose last row is the table's, [W, columns].</summary>
    /// <exception cref="DataException">There are not rows enough, or a change is no number.</exception>
    public float[] LastWindow()
    {
        int window = _options.Window!.Value, skipped = _rows.InputChanges.Any(change => change != Change.None) ? 1 : 0;
        if (Rows < window + skipped)
            throw new DataException(_name, $"Its {Rows} rows are too few for a window of {window}{(skipped > 0 ? ", with one row more for the changes" : "")}.", "Give a table with more rows.");
        return Taken(_rows.SeriesInputs, _rows.InputChanges, Rows - window, window);
    }

    /// <summary>What is taken of some rows, in float64, rounded once.</summary>
    private float[] Taken(List<double> numbers, Change[] changes, int first, int count)
    {
        float[] taken = new float[checked(count * changes.Length)];
        for (int i = 0; i < taken.Length; i++)
        {
            int row = first + i / changes.Length, column = i % changes.Length, at = row * changes.Length + column;
            double now = numbers[at];
            double value = changes[column] switch
            {
                Change.None => now,
                Change.Difference => now - numbers[at - changes.Length],
                _ => now > 0 && numbers[at - changes.Length] > 0
                    ? ScalarMath.Log(now / numbers[at - changes.Length])
                    : throw new DataException(_options.Path, $"Row {row + 1} or the one before has a number in a column of 'logReturn' that is not above 0.", "Use 'difference' for such columns."),
            };
            taken[i] = (float)value;
            if (!float.IsFinite(taken[i]))
                throw new DataException(_options.Path, $"Row {row + 1} has a number that is not finite in single precision.", "Leave the row out, or scale the column.");
        }
        return taken;
    }
}
