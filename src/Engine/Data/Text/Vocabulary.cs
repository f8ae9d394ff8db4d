using System.Text;

namespace Lockstep.Engine.Data.Text;

/// <summary>
/// The different tokens of a text, sorted by their UTF-8 bytes; a token's number is its place. Immutable. Where sentences begin and end with tokens of
/// their own, those are <see cref="BeginText"/> and <see cref="EndText"/>, which are neither one character nor a word, so that no text has them.
/// </summary>
public sealed class Vocabulary : IEquatable<Vocabulary>
{
    /// <summary>The most tokens: every number of one is a float exactly.</summary>
    public const int MaximumTokens = 1 << 24;

    /// <summary>What a decoder reads first.</summary>
    public const string BeginText = "<begin>";

    /// <summary>What comes after the last token of a sentence.</summary>
    public const string EndText = "<end>";

    private readonly string[] _texts;
    private readonly Dictionary<string, int> _numbers;

    private Vocabulary(TextUnit unit, string[] sorted)
    {
        Unit = unit;
        _texts = sorted;
        _numbers = new Dictionary<string, int>(sorted.Length, StringComparer.Ordinal);
        for (int i = 0; i < sorted.Length; i++)
            _numbers.Add(sorted[i], i);
        BeginToken = _numbers.GetValueOrDefault(BeginText, -1);
        EndToken = _numbers.GetValueOrDefault(EndText, -1);
    }

    /// <summary>What a token is.</summary>
    public TextUnit Unit { get; }

    /// <summary>The tokens' texts in the order of their numbers.</summary>
    public IReadOnlyList<string> Texts => _texts;

    /// <summary>How many tokens there are.</summary>
    public int Count => _texts.Length;

    /// <summary>The token that a decoder reads first; −1 where there is none.</summary>
    public int BeginToken { get; }

    /// <summary>The token that ends a sentence; −1 where there is none.</summary>
    public int EndToken { get; }

    /// <summary>Compares as UTF-8 bytes do, without making them: UTF-16 units order otherwise only where surrogates meet U+E000 to U+FFFF.</summary>
    public static Comparer<string> ByUtf8 { get; } = Comparer<string>.Create(static (left, right) =>
    {
        int length = Math.Min(left.Length, right.Length);
        for (int i = 0; i < length; i++)
        {
            if (left[i] != right[i])
                return Weight(left[i]).CompareTo(Weight(right[i]));
        }
        return left.Length.CompareTo(right.Length);

        // Surrogates stand for the characters after U+FFFF.
        static int Weight(char unit) => char.IsSurrogate(unit) ? unit + 0x10000 : unit;
    });

    /// <summary>The vocabulary with these tokens, in any order.</summary>
    /// <param name="unit">What a token is.</param>
    /// <param name="texts">The tokens, each once.</param>
    /// <exception cref="ArgumentException">A token is there twice.</exception>
    public static Vocabulary Of(TextUnit unit, IEnumerable<string> texts)
    {
        string[] sorted = [.. texts];
        Array.Sort(sorted, ByUtf8);
        return new Vocabulary(unit, sorted);
    }

    /// <summary>The number of a token, or −1.</summary>
    public int Find(string text) => _numbers.GetValueOrDefault(text, -1);

    /// <summary>The numbers of a text's tokens.</summary>
    /// <param name="text">Any text.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="DataException">A token of the text is not in the vocabulary.</exception>
    public int[] Encode(string text, string source)
    {
        var tokens = new List<int>();
        var reader = new TokenReader(Encoding.UTF8.GetBytes(text), Unit, source, stackalloc char[TokenReader.BufferLength]);
        for (ReadOnlySpan<char> token = reader.Next(); token.Length > 0; token = reader.Next())
        {
            int number = Find(token.ToString());
            if (number < 0)
                throw new DataException(source, $"'{token}' is not in the vocabulary.", "Use only what occurs in the text that the model was trained on.");
            tokens.Add(number);
        }
        return [.. tokens];
    }

    /// <summary>The text of tokens; begin and end have none.</summary>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        var text = new StringBuilder();
        bool afterWord = false;
        foreach (int token in tokens)
        {
            if (token == BeginToken || token == EndToken)
                continue;
            bool isWord = Unit == TextUnit.Word && WordRule.IsWord(_texts[token]);
            if (isWord && afterWord)
                text.Append(' ');
            text.Append(_texts[token]);
            afterWord = isWord;
        }
        return text.ToString();
    }

    public bool Equals(Vocabulary? other) => other is not null && Unit == other.Unit && _texts.AsSpan().SequenceEqual(other._texts);

    public override bool Equals(object? obj) => Equals(obj as Vocabulary);

    public override int GetHashCode() => HashCode.Combine(Unit, Count, Count == 0 ? "" : _texts[^1]);
}
