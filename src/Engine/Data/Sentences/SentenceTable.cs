using Lockstep.Engine.Data.Tables;

namespace Lockstep.Engine.Data.Sentences;

/// <summary>The two columns of a table, as they are.</summary>
internal sealed record SentenceTable(string Path, IReadOnlyList<(string First, string Second, int Line)> Rows, byte[] Content)
{
    private const int MostRows = 1 << 24;

    /// <param name="path">Comma-separated, UTF-8, quoted as RFC 4180 says, gzipped or not.</param>
    /// <param name="header">Whether the first line names the columns.</param>
    /// <exception cref="DataException">The table is missing, or a row has not two columns.</exception>
    public static SentenceTable Read(string path, bool header)
    {
        byte[] content = PackedFile.ReadAll(path);
        var reader = new CsvReader(new MemoryStream(content, writable: false), path);
        var rows = new List<(string, string, int)>();
        var fields = new List<string>();
        bool isHeader = header;
        while (reader.Read(fields))
        {
            if (fields.Count != 2)
                throw new DataException(path, $"Line {reader.Line} has {fields.Count} columns instead of 2.", "Put text with commas in quotation marks.");
            if (rows.Count == MostRows)
                throw new DataException(path, $"It has more than {MostRows} rows.", "Train on a part of it.");
            if (!isHeader)
                rows.Add((fields[0], fields[1], reader.Line));
            isHeader = false;
        }
        return rows.Count > 0 ? new SentenceTable(path, rows, content) : throw new DataException(path, "The table has no rows.", "Give a table with at least one.");
    }
}
