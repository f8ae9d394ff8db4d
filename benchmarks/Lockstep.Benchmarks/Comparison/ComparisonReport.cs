using System.Globalization;
using Lockstep.Benchmarks.Measuring;

namespace Lockstep.Benchmarks.Comparison;

/// <summary>The tables of a comparison.</summary>
/// <param name="comparison">What was measured.</param>
/// <param name="width">What the widths are: threads, or processes.</param>
internal sealed class ComparisonReport(Comparison comparison, string width)
{
    private const double BytesInMiB = 1 << 20;

    /// <summary>
    /// A row for every workload, width and party: median and quartiles over all steps of all rounds, and how many times as fast as the peer; that ratio is
    /// taken in each round, and the table has the median ratio with the least and the greatest.
    /// </summary>
    public Table Rows()
    {
        var table = new Table("workload", width, "party", "ms a step: median (quartiles)", "least ms", "times as fast as the peer", "peak MiB", "steps");
        foreach (Contest contest in comparison.Contests)
        {
            foreach (int count in comparison.Widths)
            {
                foreach (Party party in contest.All)
                {
                    IReadOnlyList<PartyResult> results = comparison.Of(contest, count, party);
                    double[] all = [.. results.SelectMany(result => result.Milliseconds)];
                    var times = Distribution.Of(all);
                    table.Add(
                        contest.Workload, Text(count), party.Name, times.ToString(), Text(times.Least, "0.00"), Ratio(contest, count, party),
                        results.Max(result => result.PeakBytes) is > 0 and var bytes ? Text(bytes / BytesInMiB, "0") : "unknown", Text(all.Length));
                }
            }
        }
        return table;
    }

    /// <summary>The geometric means over the workloads of the median ratios, for every width and party.</summary>
    public Table Means()
    {
        var table = new Table(width, "party", "times as fast as the peer: geometric mean", "workloads", "worst workload");
        foreach (int count in comparison.Widths)
        {
            foreach (string name in comparison.Contests.SelectMany(contest => contest.Ours).Select(party => party.Name).Distinct())
            {
                (string Workload, double Ratio)[] ratios =
                [
                    .. from contest in comparison.Contests
                       from party in contest.Ours
                       where party.Name == name && contest.Peer is not null
                       select (contest.Workload, Distribution.Of(Ratios(contest, count, party)).Median),
                ];
                if (ratios.Length == 0)
                    continue;
                (string workload, double worst) = ratios.MinBy(ratio => ratio.Ratio);
                double mean = Math.Exp(ratios.Average(ratio => Math.Log(ratio.Ratio)));
                table.Add(Text(count), name, Text(mean, "0.00"), Text(ratios.Length), $"{workload}, {Text(worst, "0.00")}");
            }
        }
        return table;
    }

    private string Ratio(Contest contest, int count, Party party)
    {
        if (contest.Peer is null)
            return "";
        if (party == contest.Peer)
            return "1";
        double[] ratios = Ratios(contest, count, party);
        return $"{Text(Distribution.Of(ratios).Median, "0.00")} ({Text(ratios.Min(), "0.00")}–{Text(ratios.Max(), "0.00")})";
    }

    private double[] Ratios(Contest contest, int count, Party party) =>
        [.. comparison.Of(contest, count, party).Zip(comparison.Of(contest, count, contest.Peer!), (mine, theirs) => Median(theirs) / Median(mine))];

    private static double Median(PartyResult result) => Distribution.Of(result.Milliseconds).Median;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
