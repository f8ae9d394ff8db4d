using System.Globalization;
using Lockstep.Benchmarks.Machine;
using Lockstep.Benchmarks.Measuring;

namespace Lockstep.Benchmarks.Comparison;

/// <summary>
/// Rounds of measurements in which every party has its turn, so that whatever the machine does beside them strikes all alike.
/// </summary>
/// <param name="ours">Configurations of this program.</param>
/// <param name="peer">Whom they are compared with.</param>
internal sealed class Comparison(IReadOnlyList<Party> ours, Party peer)
{
    /// <summary>How far two losses may be apart, relative to the larger: both compute in float32, in different orders.</summary>
    public const double LossTolerance = 1e-4;

    private readonly Dictionary<(Party, int), List<PartyResult>> _results = [];
    private readonly List<double> _loads = [];

    /// <summary>Measures.</summary>
    /// <param name="rounds">How often each party has its turn.</param>
    /// <param name="threads">Each of these in every round.</param>
    /// <param name="progress">Told a line a round.</param>
    /// <exception cref="InvalidOperationException">A party failed, or the first losses do not agree.</exception>
    public void Run(int rounds, IReadOnlyList<int> threads, Action<string> progress)
    {
        for (int round = 1; round <= rounds; round++)
        {
            foreach (int count in threads)
            {
                foreach (Party party in ours.Append(peer))
                    Add(party, count, party.Measure(count));
                foreach (Party party in ours)
                    RequireAgreement(party, _results[(party, count)][^1], _results[(peer, count)][^1]);
            }
            if (LoadAverage.Now() is { } load)
                _loads.Add(load);
            progress(string.Create(CultureInfo.InvariantCulture, $"round {round} of {rounds}: losses agree within {LossTolerance}; load average {LoadAverage.Text()}"));
        }
    }

    /// <summary>
    /// A row for every number of threads and party: median and quartiles over all steps of all rounds, and how many times as fast as
    /// the peer; the ratio is taken in each round, and the table has the median ratio with the least and the greatest.
    /// </summary>
    public Table Report()
    {
        var table = new Table("threads", "party", "ms a step: median (quartiles)", "times as fast as " + peer.Name, "rounds");
        foreach (int threads in _results.Keys.Select(key => key.Item2).Distinct())
        {
            foreach (Party party in ours.Append(peer))
            {
                List<PartyResult> results = _results[(party, threads)];
                double[] ratios = [.. results.Zip(_results[(peer, threads)], (mine, theirs) => Median(theirs) / Median(mine))];
                table.Add(
                    threads.ToString(CultureInfo.InvariantCulture),
                    party.Name,
                    Distribution.Of(results.SelectMany(result => result.Milliseconds)).ToString(),
                    party == peer ? "1" : string.Create(CultureInfo.InvariantCulture, $"{Distribution.Of(ratios).Median:0.00} ({ratios.Min():0.00}–{ratios.Max():0.00})"),
                    results.Count.ToString(CultureInfo.InvariantCulture));
            }
        }
        return table;
    }

    /// <summary>How busy the machine was, the parties included.</summary>
    public string Load() => _loads.Count == 0
        ? "load average unknown"
        : string.Create(CultureInfo.InvariantCulture, $"load average {_loads.Min():0.0} to {_loads.Max():0.0} on {Environment.ProcessorCount} cores, the measured programs included");

    private static double Median(PartyResult result) => Distribution.Of(result.Milliseconds).Median;

    private void Add(Party party, int threads, PartyResult result)
    {
        if (!_results.TryGetValue((party, threads), out List<PartyResult>? results))
            _results[(party, threads)] = results = [];
        results.Add(result);
    }

    private static void RequireAgreement(Party party, PartyResult mine, PartyResult theirs)
    {
        for (int step = 0; step < Math.Min(mine.Losses.Count, theirs.Losses.Count); step++)
        {
            double difference = Math.Abs(mine.Losses[step] - theirs.Losses[step]);
            if (!(difference <= LossTolerance * Math.Max(Math.Abs(mine.Losses[step]), Math.Abs(theirs.Losses[step]))))
                throw new InvalidOperationException($"The parties did not do the same work: the loss of step {step} is {mine.Losses[step]:R} for {party.Name} and {theirs.Losses[step]:R} for {theirs.Party}.");
        }
    }
}
