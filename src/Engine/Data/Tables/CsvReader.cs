using System.Text;

namespace Lockstep.Engine.Data.Tables;

/// <summary>
/// Reads a table row by row as RFC 4180 has it: commas, fields in double quotes where they hold commas, quotes (doubled)
/// or line ends; lines end in LF or CR LF. UTF-8; a byte-order mark is skipped.
/// </summary>
internal sealed class CsvReader(Stream stream, string path)
{
    private const int MaximumField = 1 << 20;
    private const int MaximumFields = 1 << 16;

    private readonly StreamReader _text = new(stream, new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false, bufferSize: 1 << 16);
    private readonly StringBuilder _field = new();
    private bool _begun;
    private int _line = 1;

    /// <summary>The line on which the row that was read last begins, from 1.</summary>
    public int Line { get; private set; } = 1;

    /// <summary>Reads the next row.</summary>
    /// <param name="fields">Cleared and filled.</param>
    /// <returns>Whether there was one. Empty lines at the end of the file are none.</returns>
    /// <exception cref="DataException">The text breaks the rules.</exception>
    public bool Read(List<string> fields)
    {
        try
        {
            if (!_begun && _text.Peek() == '\uFEFF')
                _text.Read();
            _begun = true;
            fields.Clear();
            Line = _line;
            if (!SkipEmptyEnd())
                return false;
            while (ReadField(fields))
            {
                if (fields.Count == MaximumFields)
                    throw Fault(fields.Count, $"there are more than {MaximumFields} columns", "Check that this is a table.");
            }
            return true;
        }
        catch (DecoderFallbackException fault)
        {
            throw new DataException(path, $"Line {_line} or one soon after it is not UTF-8.", "Save the table as UTF-8.", fault);
        }
    }

    /// <summary>Whether a row follows; empty lines are skipped only if nothing but such follows.</summary>
    private bool SkipEmptyEnd()
    {
        if (_text.Peek() is not ('\n' or '\r' or -1))
            return true;
        while (_text.Peek() is '\n' or '\r')
            _text.Read();
        return _text.Peek() < 0 ? false : throw new DataException(path, $"Line {Line} is empty.", "Delete empty lines between the rows.");
    }

    /// <summary>Reads one field, and the comma or line end after it; says whether another field follows in this row.</summary>
    private bool ReadField(List<string> fields)
    {
        _field.Clear();
        if (_text.Peek() == '"')
            ReadQuoted(fields.Count);
        while (true)
        {
            int letter = _text.Read();
            switch (letter)
            {
                case ',':
                    fields.Add(_field.ToString());
                    return true;
                case '\r' when _text.Peek() == '\n':
                    continue;
                case '\n' or -1:
                    _line++;
                    fields.Add(_field.ToString());
                    return false;
                case '"':
                    throw Fault(fields.Count, "a quotation mark stands inside a field", "Put the whole field in quotation marks and double those inside.");
                default:
                    Append((char)letter, fields.Count);
                    break;
            }
        }
    }

    private void ReadQuoted(int column)
    {
        _text.Read();
        while (true)
        {
            int letter = _text.Read();
            if (letter < 0)
                throw Fault(column, "a quoted field does not end", "Close it with a quotation mark.");
            if (letter == '\n')
                _line++;
            if (letter != '"')
            {
                Append((char)letter, column);
                continue;
            }
            if (_text.Peek() != '"')
                break;
            Append((char)_text.Read(), column);
        }
        if (_text.Peek() is not (',' or '\n' or '\r' or -1))
            throw Fault(column, "text follows the closing quotation mark", "Double quotation marks that are part of the field.");
    }

    private void Append(char letter, int column)
    {
        if (_field.Length == MaximumField)
            throw Fault(column, $"a field is longer than {MaximumField} characters", "Check for a quotation mark that is not closed.");
        _field.Append(letter);
    }

    private DataException Fault(int column, string what, string mend) => new(path, $"In line {_line}, column {column + 1}, {what}.", mend);
}
