using System.Security.Cryptography;

namespace Lockstep.Transport.Joining;

/// <summary>
/// The secret of a cluster: 160 random bits, written as 32 letters and digits. It never travels; both sides prove that
/// they have it. It never appears in <see cref="ToString"/>, so a log of options does not leak it.
/// </summary>
public sealed class JoinToken
{
    /// <summary>Characters of the text form, hyphens not counted.</summary>
    public const int TextLength = 32;

    private const int ByteLength = 20;
    private const int GroupLength = 8;

    /// <summary>RFC 4648, section 6, in lower case.</summary>
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";

    private readonly byte[] _key;

    private JoinToken(byte[] key) => _key = key;

    internal ReadOnlySpan<byte> Key => _key;

    /// <summary>A new token from the operating system's random numbers.</summary>
    public static JoinToken Generate() => new(RandomNumberGenerator.GetBytes(ByteLength));

    /// <summary>Reads what <see cref="Reveal"/> writes; capitals, hyphens and blanks do not matter.</summary>
    /// <exception cref="FormatException">It is no token. The message does not repeat the text.</exception>
    public static JoinToken Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] key = new byte[ByteLength];
        int bits = 0, buffer = 0, written = 0, digits = 0;
        foreach (char c in text)
        {
            if (c == '-' || char.IsWhiteSpace(c))
                continue;
            int digit = Alphabet.IndexOf(char.ToLowerInvariant(c), StringComparison.Ordinal);
            if (digit < 0 || ++digits > TextLength)
                throw NotAToken();
            buffer = (buffer << 5 | digit) & 0xFFF;
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                key[written++] = (byte)(buffer >> bits);
            }
        }
        return digits == TextLength ? new JoinToken(key) : throw NotAToken();
    }

    /// <summary>The text to hand to another machine: four groups of eight characters. Whoever sees it can join.</summary>
    public string Reveal()
    {
        Span<char> text = stackalloc char[TextLength + TextLength / GroupLength - 1];
        int bits = 0, buffer = 0, next = 0, at = 0, digits = 0;
        while (digits < TextLength)
        {
            if (bits < 5)
            {
                buffer = (buffer << 8 | _key[next++]) & 0xFFF;
                bits += 8;
            }
            bits -= 5;
            if (digits > 0 && digits % GroupLength == 0)
                text[at++] = '-';
            text[at++] = Alphabet[buffer >> bits & 31];
            digits++;
        }
        return new string(text);
    }

    /// <summary>Whether both are the same secret, in a time that does not tell how alike they are.</summary>
    public bool Matches(JoinToken other) => CryptographicOperations.FixedTimeEquals(_key, other._key);

    public override string ToString() => "JoinToken (hidden)";

    private static FormatException NotAToken() => new(
        $"The join token is not one: it has {TextLength} characters of a-z and 2-7. Copy it from what the coordinator printed.");
}
