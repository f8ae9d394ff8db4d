using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Lockstep.Chaos.Driving;

/// <summary>A worker that had leaves of the tree and has lost them all, which others compute instead.</summary>
/// <param name="ProcessId">The worker's process.</param>
/// <param name="Leaves">How many it had.</param>
public readonly record struct LostShare(int ProcessId, int Leaves);

/// <summary>Who has how many leaves, as the coordinator's lines say: <c>reason (host:1: 2 leaves, host:2: joining)</c>.</summary>
public sealed partial class ShareTable
{
    private readonly Dictionary<int, int> _leaves = [];

    /// <summary>Processes of the workers that are late: others compute their leaves too, and whoever comes first counts.</summary>
    public ImmutableHashSet<int> Late { get; private set; } = [];

    /// <summary>Takes note of a line; returns those who lost their share by it.</summary>
    public IReadOnlyList<LostShare> Observe(string line)
    {
        Match shares = Shares().Match(line);
        if (!shares.Success)
            return [];
        var lost = new List<LostShare>();
        foreach (Match entry in Entry().Matches(shares.Groups[1].Value))
        {
            int process = int.Parse(entry.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
            Late = entry.Groups[3].ValueSpan is "late" ? Late.Add(process) : Late.Remove(process);
            if (entry.Groups[2].Success)
                _leaves[process] = int.Parse(entry.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
            else if (_leaves.Remove(process, out int had) && had > 0)
                lost.Add(new LostShare(process, had));
        }
        return lost;
    }

    /// <summary>Nobody has leaves any more: another coordinator gives them out anew.</summary>
    public void Clear()
    {
        _leaves.Clear();
        Late = [];
    }

    [GeneratedRegex(@"\(((?:[^\s():]+:\d{1,9}: (?:\d{1,9} leaves|[a-z]+)(?:, )?)+)\)$")]
    private static partial Regex Shares();

    [GeneratedRegex(@":(\d{1,9}): (?:(\d{1,9}) leaves|([a-z]+))")]
    private static partial Regex Entry();
}
