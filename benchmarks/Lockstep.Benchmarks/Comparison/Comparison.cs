using System.Globalization;
using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;

namespace Lockstep.Benchmarks.Comparison;

/// <summary>
/// Rounds of measurements in which every party has its turn in every workload, so that whatever the machine does beside them strikes all alike. Every
/// second round goes the other way round: then nobody is always the first.
/// </summary>
/// <param name="contests">The workloads and who does them.</param>
/// <param name="widths">Threads, or processes of one thread: each of them in every round.</param>
internal sealed class Comparison(IReadOnlyList<Contest> contests, IReadOnlyList<int> widths)
{
    private readonly Dictionary<(Contest, int, Party), List<PartyResult>> _results = [];
    private readonly List<double> _loads = [];

    public IReadOnlyList<Contest> Contests => contests;

    public IReadOnlyList<int> Widths => widths;

    /// <summary>Measures.</summary>
    /// <param name="rounds">How often each party has its turn.</param>
    /// <param name="progress">Told some lines for each workload of each round: what it came to.</param>
    /// <exception cref="InvalidOperationException">A party failed, or the first losses do not agree.</exception>
    public void Run(int rounds, Action<string> progress)
    {
        for (int round = 1; round <= rounds; round++)
        {
            foreach (Contest contest in contests)
            {
                int compared = 0;
                foreach (int width in widths)
                {
                    IEnumerable<Party> turns = round % 2 == 1 ? contest.All : contest.All.Reverse();
                    foreach (Party party in turns)
                        Add(contest, width, party, party.Measure(width));
                    compared = RequireAgreement(contest, width);
                }
                if (LoadAverage.Now() is { } load)
                    _loads.Add(load);
                progress(string.Create(
                    CultureInfo.InvariantCulture,
                    $"round {round} of {rounds}, {contest.Workload}: {compared} losses agree{(contest.Peer is null ? "" : $" within {Agreement.Tolerance}")}; load average {LoadAverage.Text()}"));
                // A comparison takes long: what there is stays on the screen if it is cut off before its tables.
                foreach (int width in widths)
                    progress($"    {width}: " + string.Join("; ", contest.All.Select(party => Latest(contest, width, party))));
            }
        }
    }

    /// <summary>What a party's turns gave, in the order of the rounds.</summary>
    public IReadOnlyList<PartyResult> Of(Contest contest, int width, Party party) => _results[(contest, width, party)];

    /// <summary>How busy the machine was, the parties included.</summary>
    public string Load() => _loads.Count == 0
        ? "load average unknown"
        : string.Create(CultureInfo.InvariantCulture, $"load average {_loads.Min():0.0} to {_loads.Max():0.0} on {Environment.ProcessorCount} cores, the measured programs included");

    private void Add(Contest contest, int width, Party party, PartyResult result)
    {
        if (!_results.TryGetValue((contest, width, party), out List<PartyResult>? results))
            _results[(contest, width, party)] = results = [];
        results.Add(result);
    }

    private string Latest(Contest contest, int width, Party party) =>
        $"{party.Name} {Distribution.Of(_results[(contest, width, party)][^1].Milliseconds)} ms";

    // How many losses were looked at.
    private int RequireAgreement(Contest contest, int width)
    {
        int compared = int.MaxValue;
        foreach (Party party in contest.Ours)
        {
            PartyResult mine = _results[(contest, width, party)][^1];
            PartyResult first = _results[(contest, widths[0], party)][0];
            if (party.IsLockstep)
                Agreement.RequireSameBits(contest.Workload, $"{party.Name}, {width}", mine.Losses, first.Losses);
            PartyResult theirs = contest.Peer is null ? first : _results[(contest, width, contest.Peer)][^1];
            Agreement.RequireClose(contest.Workload, party.Name, mine.Losses, theirs.Party, theirs.Losses);
            compared = Math.Min(compared, Math.Min(mine.Losses.Count, theirs.Losses.Count));
        }
        return compared;
    }
}
