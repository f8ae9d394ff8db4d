using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Lockstep.Engine.Data.Text;

/// <summary>
/// A model's vocabularies as a JSON text, which is written in exactly one way: <c>{"input":V,"target":V}</c>, each where there is one, with V =
/// <c>{"unit":"character","tokens":["a","b"]}</c>. UTF-8 without spaces; in strings only quotation marks, backslashes and control characters are escaped.
/// </summary>
public static class VocabularyFile
{
    /// <summary>The longest file that is read.</summary>
    public const int MaximumLength = 1 << 29;

    private const string Mend = "Fetch the model again: its vocabulary is damaged.";
    private static readonly string[] Units = ["character", "word"];

    /// <summary>Writes the vocabularies that a model has.</summary>
    /// <param name="input">That of the inputs; null without one.</param>
    /// <param name="target">That of targets and teacher; null without one.</param>
    public static byte[] Write(Vocabulary? input, Vocabulary? target)
    {
        var text = new StringBuilder("{");
        Append(text, "input", input);
        Append(text, "target", target);
        return Encoding.UTF8.GetBytes(text.Append("}\n").ToString());
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="json">The file.</param>
    /// <param name="source">What messages call it.</param>
    /// <exception cref="DataException">It is not such a file.</exception>
    public static (Vocabulary? Input, Vocabulary? Target) Read(ReadOnlySpan<byte> json, string source)
    {
        if (json.Length > MaximumLength)
            throw new DataException(source, $"It has {json.Length} bytes; a vocabulary has at most {MaximumLength}.", Mend);
        if (!Utf8.IsValid(json))
            throw new DataException(source, "It is not UTF-8.", Mend);
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
            Vocabulary? input = null, target = null;
            Expect(ref reader, JsonTokenType.StartObject, source);
            while (Next(ref reader, source) == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("input") && input is null)
                    input = ReadOne(ref reader, source);
                else if (reader.ValueTextEquals("target") && target is null)
                    target = ReadOne(ref reader, source);
                else
                    throw Fault(source, "it has a key that is unknown or comes twice");
            }
            if (reader.Read())
                throw Fault(source, "something follows its end");
            return (input, target);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            throw new DataException(source, $"It is no vocabulary: {fault.Message}", Mend, fault);
        }
    }

    private static Vocabulary ReadOne(ref Utf8JsonReader reader, string source)
    {
        TextUnit? unit = null;
        string[]? tokens = null;
        Expect(ref reader, JsonTokenType.StartObject, source);
        while (Next(ref reader, source) == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("unit") && unit is null)
            {
                Expect(ref reader, JsonTokenType.String, source);
                int index = Array.IndexOf(Units, reader.GetString());
                unit = index >= 0 ? (TextUnit)index : throw Fault(source, "its unit is neither character nor word");
            }
            else if (reader.ValueTextEquals("tokens") && tokens is null)
            {
                tokens = ReadTokens(ref reader, source);
            }
            else
            {
                throw Fault(source, "it has a key that is unknown or comes twice");
            }
        }
        return unit is { } known && tokens is not null ? Vocabulary.Of(known, tokens) : throw Fault(source, "unit or tokens are missing");
    }

    private static string[] ReadTokens(ref Utf8JsonReader reader, string source)
    {
        Expect(ref reader, JsonTokenType.StartArray, source);
        var tokens = new List<string>();
        while (Next(ref reader, source) == JsonTokenType.String)
        {
            string token = reader.GetString()!;
            if (token.Length is 0 or > WordRule.LongestWord + 2 || tokens.Count == Vocabulary.MaximumTokens)
                throw Fault(source, "it has too many tokens, or one that is empty or too long");
            if (tokens.Count > 0 && Vocabulary.ByUtf8.Compare(tokens[^1], token) >= 0)
                throw Fault(source, "its tokens are not sorted by their UTF-8 bytes, or one comes twice");
            tokens.Add(token);
        }
        return reader.TokenType == JsonTokenType.EndArray ? [.. tokens] : throw Fault(source, "a token is no text");
    }

    private static void Append(StringBuilder text, string name, Vocabulary? vocabulary)
    {
        if (vocabulary is null)
            return;
        if (text.Length > 1)
            text.Append(',');
        text.Append(CultureInfo.InvariantCulture, $"\"{name}\":{{\"unit\":\"{Units[(int)vocabulary.Unit]}\",\"tokens\":[");
        for (int i = 0; i < vocabulary.Count; i++)
        {
            text.Append(i == 0 ? "\"" : ",\"");
            foreach (char letter in vocabulary.Texts[i])
            {
                if (letter is '"' or '\\')
                    text.Append('\\').Append(letter);
                else if (letter < ' ')
                    text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
                else
                    text.Append(letter);
            }
            text.Append('"');
        }
        text.Append("]}");
    }

    private static JsonTokenType Next(ref Utf8JsonReader reader, string source) =>
        reader.Read() ? reader.TokenType : throw Fault(source, "it ends too early");

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string source)
    {
        if (Next(ref reader, source) != type)
            throw Fault(source, $"{type} is expected at byte {reader.TokenStartIndex}");
    }

    private static DataException Fault(string source, string what) => new(source, $"It is no vocabulary: {what}.", Mend);
}
