using System.Buffers;
using System.Text;

namespace Lockstep.Engine.Data.Text;

/// <summary>Cuts UTF-8 text into tokens. Nothing is translated: line ends and byte-order marks are characters like all others.</summary>
internal ref struct TokenReader(ReadOnlySpan<byte> text, TextUnit unit, string source, Span<char> buffer)
{
    /// <summary>The least room for a token.</summary>
    public const int BufferLength = WordRule.LongestWord + 2;

    private readonly ReadOnlySpan<byte> _text = text;
    private readonly Span<char> _buffer = buffer;
    private int _position;
    private bool _afterWord;

    /// <summary>The next token; empty at the end.</summary>
    /// <exception cref="DataException">The text is not UTF-8, or a word is too long.</exception>
    public ReadOnlySpan<char> Next()
    {
        if (_position == _text.Length)
            return [];
        int length = Peek(_position, out Rune rune);
        if (unit == TextUnit.Character)
        {
            _position += length;
            return Written(rune);
        }
        // A single space between two words goes without saying.
        if (_afterWord && rune.Value == ' ' && _position + 1 < _text.Length && Peek(_position + 1, out Rune after) > 0 && WordRule.IsInWord(after.Value))
        {
            _position++;
            length = Peek(_position, out rune);
        }
        _afterWord = WordRule.IsInWord(rune.Value);
        if (_afterWord)
            return Word();
        _position += length;
        return Written(rune);
    }

    private ReadOnlySpan<char> Word()
    {
        int start = _position, written = 0;
        while (_position < _text.Length)
        {
            int length = Peek(_position, out Rune rune);
            if (!WordRule.IsInWord(rune.Value))
                break;
            written += rune.EncodeToUtf16(_buffer[written..]);
            _position += length;
            if (written > WordRule.LongestWord)
                throw new DataException(source, $"The word at byte {start} has more than {WordRule.LongestWord} letters.", "Use 'unit: character', or check that this is text.");
        }
        return _buffer[..written];
    }

    private readonly ReadOnlySpan<char> Written(Rune rune) => _buffer[..rune.EncodeToUtf16(_buffer)];

    private readonly int Peek(int position, out Rune rune) => Rune.DecodeFromUtf8(_text[position..], out rune, out int length) == OperationStatus.Done
        ? length
        : throw new DataException(source, $"Byte {position} begins no UTF-8 character.", "Save the text as UTF-8.");
}
