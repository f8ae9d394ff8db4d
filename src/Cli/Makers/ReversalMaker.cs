using System.Text;
using Lockstep.Engine.Randomness;

namespace Lockstep.Cli.Makers;

/// <summary>
/// Strings of 10 to 20 of the small letters and the same strings backwards, as tables of source and target: <c>train.csv</c> and <c>held-out.csv</c>, in which no string
/// is twice. Lengths and letters are equally likely, so that nothing but the source tells the target.
/// </summary>
internal sealed class ReversalMaker : IDataMaker
{
    public const int TrainingStrings = 80_000;
    public const int HeldOutStrings = 1_000;

    private const int Shortest = 10;
    private const int Longest = 20;
    private const int Letters = 26;

    public string Name => "reversal";

    public string Description => "strings of 10 to 20 small letters and their reversal, for an encoder and a decoder";

    public void Make(string folder, ulong seed)
    {
        string[] strings = Strings(seed, HeldOutStrings + TrainingStrings);
        Write(Path.Combine(folder, "held-out.csv"), strings.AsSpan(0, HeldOutStrings));
        Write(Path.Combine(folder, "train.csv"), strings.AsSpan(HeldOutStrings));
    }

    private static string[] Strings(ulong seed, int count)
    {
        var random = new CounterRandom(seed, RandomPurpose.MadeData);
        var seen = new HashSet<string>(count, StringComparer.Ordinal);
        string[] strings = new string[count];
        uint drawn = 0;
        for (int i = 0; i < count; drawn++)
        {
            string text = String(random, drawn);
            if (seen.Add(text))
                strings[i++] = text;
        }
        return strings;
    }

    private static string String(CounterRandom random, uint sample)
    {
        Span<char> letters = stackalloc char[Shortest + (int)random.Below(Longest - Shortest + 1, 0, sample, 0)];
        for (int i = 0; i < letters.Length; i++)
            letters[i] = (char)('a' + random.Below(Letters, 0, sample, (uint)i + 1));
        return letters.ToString();
    }

    private static void Write(string path, ReadOnlySpan<string> strings)
    {
        var table = new StringBuilder("source,target\n");
        foreach (string text in strings)
        {
            char[] reversed = text.ToCharArray();
            Array.Reverse(reversed);
            table.Append(text).Append(',').Append(reversed).Append('\n');
        }
        File.WriteAllText(path, table.ToString());
    }
}
