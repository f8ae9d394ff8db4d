using System.Text;

namespace Lockstep.Benchmarks.Measuring;

/// <summary>A Markdown table, aligned so that it reads well as plain text too.</summary>
internal sealed class Table(params string[] heads)
{
    private readonly List<string[]> _rows = [];

    public void Add(params string[] cells) => _rows.Add(cells);

    public override string ToString()
    {
        int[] widths = [.. heads.Select((head, column) => _rows.Select(row => row[column].Length).Append(head.Length).Max())];
        var text = new StringBuilder();
        Append(text, heads, widths);
        text.Append('|').AppendJoin("", widths.Select((width, column) => column == 0 ? $" {new string('-', width)} |" : $" {new string('-', width - 1)}: |")).Append('\n');
        foreach (string[] row in _rows)
            Append(text, row, widths);
        return text.ToString();
    }

    private static void Append(StringBuilder text, string[] cells, int[] widths) =>
        text.Append('|').AppendJoin("", cells.Select((cell, column) => column == 0 ? $" {cell.PadRight(widths[column])} |" : $" {cell.PadLeft(widths[column])} |")).Append('\n');
}
