using System.Globalization;
using System.Numerics;

namespace Lockstep.Engine.Data.Tables;

/// <summary>The rows of a table, cell by cell made into the numbers of samples.</summary>
internal sealed class CsvRows
{
    private readonly CsvReader _reader;
    private readonly string _path;
    private readonly List<string> _fields = [];
    private readonly int[] _inputs;
    private readonly int[] _targets;
    private readonly int _classes = -1;
    private readonly string[] _names;
    private readonly bool _isSeries;
    private bool _pending;

    /// <exception cref="DataException">A named column is not there.</exception>
    public CsvRows(CsvReader reader, CsvOptions options)
    {
        _reader = reader;
        _path = options.Path;
        bool any = _reader.Read(_fields);
        _names = any && options.Header ? [.. _fields.Select(name => name.Trim())] : [];
        Columns = _fields.Count;
        _pending = any && !options.Header;
        if (!any)
            throw new DataException(_path, "The table is empty.", "Give a table with rows.");
        _inputs = [.. options.Inputs.Select(Find)];
        _targets = [.. options.Targets.Select(Find)];
        if (options.Classes is { } column)
            _classes = Find(column);
        _isSeries = options.Window is not null;
        InputChanges = [.. Changes(_inputs, options)];
        TargetChanges = [.. Changes(_targets, options)];
    }

    /// <summary>What is taken of each input column of a time series.</summary>
    public Change[] InputChanges { get; }

    /// <summary>What is taken of each target column of a time series.</summary>
    public Change[] TargetChanges { get; }

    /// <summary>The numbers of the input columns.</summary>
    public IReadOnlyList<int> InputColumns => _inputs;

    /// <summary>The numbers of the target columns.</summary>
    public IReadOnlyList<int> TargetColumns => _targets;

    /// <summary>How many columns every row must have.</summary>
    public int Columns { get; }

    /// <summary>How many rows were read, the header not counted.</summary>
    public int Count { get; private set; }

    public List<float> Inputs { get; } = [];

    public List<float> Targets { get; } = [];

    /// <summary>The inputs of a time series, whose differences are taken before they are rounded.</summary>
    public List<double> SeriesInputs { get; } = [];

    /// <summary>The targets of a time series.</summary>
    public List<double> SeriesTargets { get; } = [];

    public List<string> Labels { get; } = [];

    /// <summary>A column's name in the header, or its number where there is none.</summary>
    public string NameOf(int column) => _names.Length > 0 ? _names[column] : column.ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads one row and adds its numbers; false at the end.</summary>
    /// <exception cref="DataException">A row has too few or too many columns, or a cell is no number.</exception>
    public bool ReadNext()
    {
        if (!_pending && !_reader.Read(_fields))
            return false;
        _pending = false;
        if (_fields.Count != Columns)
            throw new DataException(_path, $"Line {_reader.Line} has {_fields.Count} columns, the first line {Columns}.", "Give every row the same columns.");
        foreach (int column in _inputs)
            Add(column, Inputs, SeriesInputs);
        foreach (int column in _targets)
            Add(column, Targets, SeriesTargets);
        if (_classes >= 0)
            Labels.Add(Label());
        Count++;
        return true;
    }

    private void Add(int column, List<float> numbers, List<double> series)
    {
        if (_isSeries)
            series.Add(Number<double>(column));
        else
            numbers.Add(Number<float>(column));
    }

    private T Number<T>(int column)
        where T : IBinaryFloatingPointIeee754<T>
    {
        string cell = _fields[column];
        if (!T.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out T? number))
            throw Fault(column, $"'{Shortened(cell)}' is no number", cell.Contains(',') ? "Write decimals with a point." : "Numbers look like 3, -0.25 or 1e-3; leave rows with gaps out.");
        return T.IsFinite(number) ? number : throw Fault(column, $"'{Shortened(cell)}' is not finite in {(_isSeries ? "double" : "single")} precision", "Leave the row out, or scale the column.");
    }

    private IEnumerable<Change> Changes(int[] columns, CsvOptions options)
    {
        int[] differences = [.. options.Difference.Select(Find)], returns = [.. options.LogReturn.Select(Find)];
        foreach (int column in differences.Concat(returns))
        {
            if (!_inputs.Contains(column) && !_targets.Contains(column))
                throw new DataException(_path, $"Changes of column {column} are asked for, but it is neither input nor target.", "Name only columns that are used.");
            if (differences.Contains(column) && returns.Contains(column))
                throw new DataException(_path, $"Both the difference and the log return of column {column} are asked for.", "Name it once.");
        }
        return columns.Select(column => differences.Contains(column) ? Change.Difference : returns.Contains(column) ? Change.LogReturn : Change.None);
    }

    private string Label()
    {
        string label = _fields[_classes].Trim();
        return label.Length > 0 ? label : throw Fault(_classes, "the class is missing", "Leave rows without a class out.");
    }

    private int Find(CsvColumn column)
    {
        if (column.Name is null)
        {
            return column.Index >= 0 && column.Index < Columns
                ? column.Index
                : throw new DataException(_path, $"There is no column {column.Index}.", $"Columns are numbered from 0 to {Columns - 1}.");
        }
        int[] found = [.. _names.Index().Where(pair => pair.Item == column.Name).Select(pair => pair.Index)];
        return found.Length switch
        {
            1 => found[0],
            0 when _names.Length == 0 => throw new DataException(_path, $"Column '{column.Name}' is named, but the table is said to have no header.", "Use the column's number from 0, or say 'header: true'."),
            0 => throw new DataException(_path, $"There is no column '{Shortened(column.Name)}'.", $"The header has {Shortened(string.Join(", ", _names))}."),
            _ => throw new DataException(_path, $"There are {found.Length} columns '{Shortened(column.Name)}'.", "Use the column's number from 0."),
        };
    }

    private DataException Fault(int column, string what, string mend)
    {
        string name = _names.Length > 0 ? $" ({Shortened(_names[column])})" : "";
        return new DataException(_path, $"In line {_reader.Line}, column {column + 1}{name}, {what}.", mend);
    }

    private static string Shortened(string text) => text.Length <= 80 ? text : text[..80] + "…";
}
