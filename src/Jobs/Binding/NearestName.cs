namespace Lockstep.Jobs.Binding;

/// <summary>The valid name that was probably meant.</summary>
internal static class NearestName
{
    /// <summary>The nearest of <paramref name="names"/> within a third of its length in typing errors; null if none is near.</summary>
    public static string? To(string written, IEnumerable<string> names)
    {
        string? nearest = null;
        int least = int.MaxValue;
        foreach (string name in names)
        {
            int distance = Distance(written.ToUpperInvariant(), name.ToUpperInvariant());
            if (distance < least && distance <= Math.Max(1, Math.Max(name.Length, Math.Min(written.Length, 20)) / 3))
            {
                least = distance;
                nearest = name;
            }
        }
        return nearest;
    }

    /// <summary>"did you mean 'x'?", or what there is.</summary>
    public static string Advice(string written, IReadOnlyList<string> names) => To(written, names) is { } nearest
        ? $"did you mean '{nearest}'?"
        : $"available: {string.Join(", ", names)}";

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours (Damerau 1964, in its restricted form).</summary>
    internal static int Distance(string left, string right)
    {
        // Names are short: what is far longer is far away, and needs no table.
        if (left.Length > 64 || right.Length > 64)
            return Math.Max(left.Length, right.Length);
        var table = new int[left.Length + 1, right.Length + 1];
        for (int i = 0; i <= left.Length; i++)
            table[i, 0] = i;
        for (int j = 0; j <= right.Length; j++)
            table[0, j] = j;
        for (int i = 1; i <= left.Length; i++)
        {
            for (int j = 1; j <= right.Length; j++)
            {
                int change = left[i - 1] == right[j - 1] ? 0 : 1;
                table[i, j] = Math.Min(Math.Min(table[i - 1, j], table[i, j - 1]) + 1, table[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    table[i, j] = Math.Min(table[i, j], table[i - 2, j - 2] + 1);
            }
        }
        return table[left.Length, right.Length];
    }
}
