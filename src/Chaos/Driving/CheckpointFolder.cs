using System.Globalization;

namespace Lockstep.Chaos.Driving;

/// <summary>The checkpoints of a run, as they lie on the disk.</summary>
internal static class CheckpointFolder
{
    private const string Prefix = "step-";

    /// <summary>The whole ones, oldest first.</summary>
    public static IEnumerable<string> Of(string runDirectory)
    {
        string folder = Path.Combine(runDirectory, "checkpoints");
        return !Directory.Exists(folder)
            ? []
            : Directory.EnumerateDirectories(folder, Prefix + "*")
                .Where(path => long.TryParse(Path.GetFileName(path)[Prefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out _))
                .Order(StringComparer.Ordinal);
    }

    /// <summary>Damages a file of the newest one; null where there is none, else its path.</summary>
    /// <param name="runDirectory">The run.</param>
    /// <param name="at">Which byte of all its files one after another, counted round.</param>
    /// <param name="bit">Which bit is flipped; -1 cuts the file off at that byte.</param>
    public static string? Damage(string runDirectory, long at, int bit)
    {
        if (Of(runDirectory).LastOrDefault() is not { } newest)
            return null;
        string[] files = [.. Directory.EnumerateFiles(newest).Order(StringComparer.Ordinal)];
        long[] lengths = [.. files.Select(file => new FileInfo(file).Length)];
        long left = at % lengths.Sum();
        int chosen = 0;
        for (; left >= lengths[chosen]; chosen++)
            left -= lengths[chosen];
        using var stream = new FileStream(files[chosen], FileMode.Open, FileAccess.ReadWrite);
        stream.Position = left;
        if (bit < 0)
        {
            stream.SetLength(left);
        }
        else
        {
            int value = stream.ReadByte();
            stream.Position = left;
            stream.WriteByte((byte)(value ^ (1 << bit)));
        }
        return files[chosen];
    }
}
