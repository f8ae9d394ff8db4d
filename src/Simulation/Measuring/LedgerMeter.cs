using Lockstep.Coordinator.Reduction;
using Lockstep.Coordinator.Steps;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Simulation.Costs;

namespace Lockstep.Simulation.Measuring;

/// <summary>What the real ledger takes to judge a contribution and to find its sibling, additions left out: it looks through the nodes that are there.</summary>
internal static class LedgerMeter
{
    private const int Channels = 8;
    private const int Repetitions = 20;
    private const double SecondsEach = 0.1;

    // Odd, so that it visits every node once: arrivals are in no order that would suit the tree.
    private const int Stride = 1_640_531_527;

    /// <summary>Seconds of one contribution, by the number of nodes that the tree is cut into.</summary>
    /// <param name="shards">Leaves of the tree.</param>
    /// <param name="time">The clock.</param>
    public static CostCurve Measure(int shards, TimeProvider time)
    {
        var meter = new LeastDisturbed(ProcessorTime.Or(time));
        var points = new List<(double Nodes, double Seconds)>();
        var run = new RunId(1);
        var arithmetic = new NoArithmetic();
        var ledger = new StepLedger<int>(run, term: 1, new StepChannels(Channels, 0), shards, _ => arithmetic);
        long step = 0;
        for (int nodes = 1; ; nodes = Math.Min(nodes * 4, shards))
        {
            int size = shards / nodes;
            ContributionKey[] arrivals =
            [
                .. from i in Enumerable.Range(0, nodes)
                   from channel in Enumerable.Range(0, Channels + 1)
                   let first = (int)((uint)(i * Stride) % nodes) * size
                   select new ContributionKey(run, 1, 0, channel, first, size),
            ];
            double seconds = meter.Measure(
                Repetitions,
                SecondsEach,
                () =>
                {
                    foreach (ContributionKey key in arrivals)
                        ledger.Offer(key with { Step = step }, checksum: 0, worker: 1, sum: 0, out _);
                },
                before: () => ledger.Open(++step, StepWork.Train));
            points.Add((nodes, seconds / arrivals.Length));
            if (nodes == shards)
                break;
        }
        // A lone point would be taken for a rate.
        return points.Count == 1 ? CostCurve.Constant(points[0].Seconds) : new CostCurve(points);
    }

    private sealed class NoArithmetic : ISumArithmetic<int>
    {
        public int Add(int left, int right, bool isTotal) => left;

        public void Release(int sum)
        {
            // Nothing is held.
        }
    }
}
