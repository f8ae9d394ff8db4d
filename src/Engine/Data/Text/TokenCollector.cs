using System.Text;

namespace Lockstep.Engine.Data.Text;

/// <summary>Gathers tokens of texts in the order in which they come; once all are there, the vocabulary is sorted and they get their numbers.</summary>
internal sealed class TokenCollector(TextUnit unit, string source)
{
    private readonly Dictionary<string, int> _seen = new(StringComparer.Ordinal);
    private readonly List<string> _texts = [];
    private int[] _tokens = new int[1 << 10];

    /// <summary>How many tokens were gathered.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a text, as UTF-8.</summary>
    /// <exception cref="DataException">It is not UTF-8, or there are too many tokens.</exception>
    public void Add(ReadOnlySpan<byte> text, string from)
    {
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> seen = _seen.GetAlternateLookup<ReadOnlySpan<char>>();
        var reader = new TokenReader(text, unit, from, stackalloc char[TokenReader.BufferLength]);
        for (ReadOnlySpan<char> token = reader.Next(); token.Length > 0; token = reader.Next())
        {
            if (!seen.TryGetValue(token, out int number))
                number = New(token.ToString());
            Append(number);
        }
    }

    /// <inheritdoc cref="Add(ReadOnlySpan{byte}, string)"/>
    public void Add(string text, string from) => Add(Encoding.UTF8.GetBytes(text), from);

    /// <summary>Adds <see cref="Vocabulary.BeginText"/> or <see cref="Vocabulary.EndText"/>.</summary>
    public void AddSpecial(string text) => Append(_seen.TryGetValue(text, out int number) ? number : New(text));

    /// <summary>The sorted vocabulary, and the tokens by their numbers in it. Nothing can be added after.</summary>
    public (Vocabulary Vocabulary, int[] Tokens) Finish()
    {
        Vocabulary vocabulary = Vocabulary.Of(unit, _texts);
        int[] numbers = [.. _texts.Select(vocabulary.Find)];
        Array.Resize(ref _tokens, Count);
        for (int i = 0; i < _tokens.Length; i++)
            _tokens[i] = numbers[_tokens[i]];
        return (vocabulary, _tokens);
    }

    private int New(string text)
    {
        if (_texts.Count == Vocabulary.MaximumTokens)
            throw new DataException(source, $"It has more than {Vocabulary.MaximumTokens} different tokens.", "Use 'unit: character'.");
        _seen.Add(text, _texts.Count);
        _texts.Add(text);
        return _texts.Count - 1;
    }

    private void Append(int number)
    {
        if (Count == Array.MaxLength)
            throw new DataException(source, $"It has more than {Array.MaxLength} tokens.", "Train on a part of it.");
        if (Count == _tokens.Length)
            Array.Resize(ref _tokens, (int)Math.Min(2L * _tokens.Length, Array.MaxLength));
        _tokens[Count++] = number;
    }
}
