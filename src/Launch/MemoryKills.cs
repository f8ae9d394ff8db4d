using System.Globalization;

namespace Lockstep.Launch;

/// <summary>
/// How many processes the kernel has ended because memory ran out, as far as the control group of this process counts them. SIGKILL alone does not say who sent it; this number
/// does. Linux only: <c>memory.events</c> of version 2, <c>memory.oom_control</c> of version 1.
/// </summary>
/// <param name="groups">Where control groups are mounted.</param>
/// <param name="own">The file that names the groups of this process.</param>
public sealed class MemoryKills(string groups = "/sys/fs/cgroup", string own = "/proc/self/cgroup")
{
    private const string Counter = "oom_kill ";

    /// <summary>The count; null where nobody counts.</summary>
    public long? Count() => Files().Select(CountIn).FirstOrDefault(count => count is not null);

    // Inside a container the group's own path is often not there, and the mounted root is the container's group.
    private IEnumerable<string> Files()
    {
        foreach (string line in Lines(own))
        {
            string[] parts = line.Split(':', 3);
            if (parts.Length < 3)
                continue;
            string path = parts[2].TrimStart('/');
            if (parts[0] == "0")
                yield return Path.Combine(groups, path, "memory.events");
            else if (parts[1].Split(',').Contains("memory"))
                yield return Path.Combine(groups, "memory", path, "memory.oom_control");
        }
        yield return Path.Combine(groups, "memory.events");
        yield return Path.Combine(groups, "memory", "memory.oom_control");
    }

    private static long? CountIn(string file)
    {
        foreach (string line in Lines(file))
        {
            if (line.StartsWith(Counter, StringComparison.Ordinal) && long.TryParse(line[Counter.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long count))
                return count;
        }
        return null;
    }

    private static string[] Lines(string file)
    {
        try
        {
            return File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not every system has it.
            return [];
        }
    }
}
