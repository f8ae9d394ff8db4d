using System.Globalization;

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
    }

    /// <summary>How many columns every row must have.</summary>
    public int Columns { get; }

    /// <summary>How many rows were read, the header not counted.</summary>
    public int Count { get; private set; }

    public List<float> Inputs { get; } = [];

    public List<float> Targets { get; } = [];

    public List<string> Labels { get; } = [];

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
            Inputs.Add(Number(column));
        foreach (int column in _targets)
            Targets.Add(Number(column));
        if (_classes >= 0)
            Labels.Add(Label());
        Count++;
        return true;
    }

    private float Number(int column)
    {
        string cell = _fields[column];
        if (!float.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out float number))
            throw Fault(column, $"'{Shortened(cell)}' is no number", cell.Contains(',') ? "Write decimals with a point." : "Numbers look like 3, -0.25 or 1e-3; leave rows with gaps out.");
        return float.IsFinite(number) ? number : throw Fault(column, $"'{Shortened(cell)}' is not finite in single precision", "Leave the row out, or scale the column.");
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
