using System.Diagnostics;
using System.Globalization;

namespace Lockstep.Benchmarks.Machine;

/// <summary>The most memory that processes had resident, as Linux counts it (VmHWM): each one's own peak, added up.</summary>
internal sealed class PeakMemory
{
    private const string Root = "/proc";

    private readonly Dictionary<int, long> _peaks = [];

    /// <summary>Bytes over all processes that were seen; 0 where the system does not tell.</summary>
    public long Total => _peaks.Values.Sum();

    /// <summary>Of this process.</summary>
    public static long OfThisProcess()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <summary>Looks at processes and all that they started. What a process that has ended had when it was seen last stays counted.</summary>
    public void Look(params IReadOnlyCollection<int> roots)
    {
        if (!Directory.Exists(Root))
            return;
        Dictionary<int, int> parents = Parents();
        foreach (int id in parents.Keys.Where(id => IsOf(id)))
        {
            if (Peak(id) is { } bytes)
                _peaks[id] = bytes;
        }

        bool IsOf(int id)
        {
            while (!roots.Contains(id))
            {
                if (!parents.TryGetValue(id, out id))
                    return false;
            }
            return true;
        }
    }

    private static Dictionary<int, int> Parents()
    {
        var parents = new Dictionary<int, int>();
        foreach (string folder in Directory.EnumerateDirectories(Root))
        {
            if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int id) && Read(Path.Combine(folder, "stat")) is { } stat)
                parents[id] = int.Parse(stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        return parents;
    }

    private static long? Peak(int id)
    {
        string? line = Read($"{Root}/{id}/status")?.Split('\n').FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        // "VmHWM:", blanks, a number, "kB"
        return line is null ? null : long.Parse(line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The process has ended meanwhile.
            return null;
        }
    }
}
