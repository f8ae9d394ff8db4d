namespace Lockstep.Engine.Data.Tables;

/// <summary>Which columns of a table are what.</summary>
/// <param name="Path">The file: comma-separated, UTF-8, quoted as RFC 4180 says, gzipped or not.</param>
/// <param name="Inputs">The columns of the input, in order: the input has the shape [columns].</param>
public sealed record CsvOptions(string Path, IReadOnlyList<CsvColumn> Inputs)
{
    /// <summary>The columns of the target values, in order. Either these or <see cref="Classes"/>.</summary>
    public IReadOnlyList<CsvColumn> Targets { get; init; } = [];

    /// <summary>
    /// The column of the class. Where every cell is a whole number from 0, the number is the class; else the different texts,
    /// sorted by their UTF-8 bytes, are the classes.
    /// </summary>
    public CsvColumn? Classes { get; init; }

    /// <summary>Whether the first line has the columns' names. Default: true.</summary>
    public bool Header { get; init; } = true;

    /// <summary>Makes the rows a time series: W, how many rows in a row are one input [W, columns]. Null: each row is a sample.</summary>
    public int? Window { get; init; }

    /// <summary>The target is so many rows after the window's last. Only with <see cref="Window"/>. Default: 1.</summary>
    public int Horizon { get; init; } = 1;

    /// <summary>Of these columns x(t) − x(t − 1) is taken, as input and as target. Only with <see cref="Window"/>.</summary>
    public IReadOnlyList<CsvColumn> Difference { get; init; } = [];

    /// <summary>Of these columns log(x(t)/x(t − 1)) is taken, as input and as target. Only with <see cref="Window"/>.</summary>
    public IReadOnlyList<CsvColumn> LogReturn { get; init; } = [];
}

/// <summary>A column by its name or by its number from 0.</summary>
public readonly record struct CsvColumn
{
    private CsvColumn(string? name, int index)
    {
        Name = name;
        Index = index;
    }

    /// <summary>The name in the header; null for a column that goes by its number.</summary>
    public string? Name { get; }

    /// <summary>The number from 0; only where there is no name.</summary>
    public int Index { get; }

    public static implicit operator CsvColumn(string name) => new(name, -1);

    public static implicit operator CsvColumn(int index) => new(null, index);

    public override string ToString() => Name is null ? $"column {Index}" : $"column '{Name}'";
}
