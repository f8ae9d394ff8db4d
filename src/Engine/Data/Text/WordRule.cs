namespace Lockstep.Engine.Data.Text;

/// <summary>
/// What the words of a text are. A word is the longest run of the letters A to Z and a to z, digits 0 to 9, apostrophes (U+0027 and U+2019)
/// and characters from U+0080 up that <see cref="Breaks"/> does not list. Any other character is a token of its own, but for one: a single
/// space (U+0020) between two words is no token, and two words in a row are written with a space between. So every text comes back as it was.
/// </summary>
/// <remarks>The ranges are listed here, not asked of the runtime: its tables follow the versions of Unicode, and tokens must not.</remarks>
internal static class WordRule
{
    /// <summary>The longest word, in UTF-16 units.</summary>
    public const int LongestWord = 1024;

    /// <summary>First and last characters of the ranges from U+0080 up that are no letters, and of those whose letters are words by themselves (ideographs, kana).</summary>
    private static readonly (int First, int Last)[] Breaks =
    [
        (0x0080, 0x00A9), (0x00AB, 0x00B4), (0x00B6, 0x00B9), (0x00BB, 0x00BF), (0x00D7, 0x00D7), (0x00F7, 0x00F7),
        (0x2000, 0x2018), (0x201A, 0x206F), (0x20A0, 0x20CF), (0x2190, 0x2BFF), (0x2E00, 0x9FFF), (0xE000, 0xFAFF),
        (0xFE10, 0xFE1F), (0xFE30, 0xFE6F), (0xFEFF, 0xFFFF), (0x1F000, 0x1FAFF), (0x20000, 0x10FFFF),
    ];

    /// <summary>Whether a character is part of a word.</summary>
    public static bool IsInWord(int scalar)
    {
        if (scalar < 0x80)
            return scalar is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '\'';
        foreach ((int first, int last) in Breaks)
        {
            if (scalar < first)
                return true;
            if (scalar <= last)
                return false;
        }
        return true;
    }

    /// <summary>Whether a token is a word. The first character decides: the others are of its kind.</summary>
    public static bool IsWord(string token)
    {
        System.Text.Rune.DecodeFromUtf16(token, out System.Text.Rune first, out _);
        return IsInWord(first.Value);
    }
}
