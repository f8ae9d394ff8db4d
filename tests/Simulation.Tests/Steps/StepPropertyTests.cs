using CsCheck;
using Lockstep.Engine.Trees;
using Lockstep.Simulation.Clusters;
using Lockstep.Simulation.Costs;
using Lockstep.Simulation.Forecasts;
using Lockstep.Simulation.Steps;
using Lockstep.Simulation.Timing;

namespace Lockstep.Simulation.Tests.Steps;

/// <summary>What holds of every cluster.</summary>
public sealed class StepPropertyTests
{
    private const int SimulatedSteps = 3;

    private static readonly Gen<(StepShape Shape, ClusterSpec Cluster)> Cases =
        from power in Gen.Int[0, 5]
        from blocks in Gen.Int[1, 12]
        from workers in Gen.Int[1, 1 << power]
        from servers in Gen.Int[1, Math.Min(3, blocks)]
        from isLocal in Gen.Bool
        from cores in Gen.Int[1, 4]
        from bandwidth in Gen.Double[7, 10]
        from latency in Gen.Double[0, 1e-3]
        select (Imagined.Job(1 << power, blocks), isLocal ? ClusterSpec.Local(workers, cores, 1) : Imagined.Cluster(workers, Math.Pow(10, bandwidth), latency, servers, cores));

    [Fact]
    public void The_parts_of_the_critical_path_add_up_to_the_step() => Cases.Sample(
        test =>
        {
            StepPrediction step = StepSimulation.Run(test.Shape, Imagined.Usual(test.Shape), test.Cluster);
            Assert.All(step.PathSeconds, part => Assert.True(part >= 0));
            Assert.Equal(1, step.PathSeconds.Sum() / step.Seconds, 6);
        },
        iter: 200);

    [Fact]
    public void Every_byte_of_every_node_enters_the_sums_once_a_step() => Cases.Sample(
        test =>
        {
            var taken = new List<(int Channel, TreeNode Node, int Bytes)>();
            StepSimulation.Run(test.Shape, Imagined.Usual(test.Shape), test.Cluster, (channel, node, bytes) => taken.Add((channel, node, bytes)));
            int blocks = test.Shape.Layout.Blocks.Count;
            foreach (IGrouping<int, (int Channel, TreeNode Node, int Bytes)> channel in taken.GroupBy(contribution => contribution.Channel))
            {
                int bytes = channel.Key == blocks ? test.Shape.SumsBytes : test.Shape.Layout.Blocks[channel.Key].Length * sizeof(float);
                Assert.All(channel, contribution => Assert.Equal(bytes, contribution.Bytes));
                int[] leaves = [.. channel.SelectMany(contribution => Enumerable.Range(contribution.Node.Start, contribution.Node.Count)).Order()];
                Assert.Equal(Enumerable.Range(0, test.Shape.Shards).SelectMany(leaf => Enumerable.Repeat(leaf, SimulatedSteps)), leaves);
            }
            Assert.Equal(blocks + 1, taken.Select(contribution => contribution.Channel).Distinct().Count());
        },
        iter: 100);

    [Fact]
    public void A_step_takes_no_less_than_any_one_thing_in_it() => Cases.Sample(
        test =>
        {
            StepCosts costs = Imagined.Usual(test.Shape);
            StepPrediction step = StepSimulation.Run(test.Shape, costs, test.Cluster);
            int most = (test.Shape.Shards + test.Cluster.Workers - 1) / test.Cluster.Workers;
            Assert.True(step.Seconds >= costs.Compute.Of(most).BucketReady.Max() + costs.Prepare.With(8) / test.Cluster.Servers / 2);
            Assert.True(step.Seconds >= step.BytesIn / test.Cluster.Servers / test.Cluster.BytesPerSecond * 0.5);
            Assert.True(step.Seconds >= 2 * test.Cluster.LatencySeconds);
        },
        iter: 200);

    [Fact]
    public void More_bandwidth_and_less_latency_never_make_a_step_slower() => Gen.Select(Cases, Gen.Double[1, 4], Gen.Double[0, 1]).Sample(
        (test, faster, shorter) => RequireNoSlower(test.Shape, Imagined.Free(test.Shape, 1e-3), test.Cluster with { Cores = 100_000 }, faster, shorter, tolerance: 1e-6),
        iter: 200);

    // Where threads share processors, and one thread adds what comes, what arrives earlier changes the order of the rest. Graham (1969) showed that more of something may
    // then take longer.
    [Fact]
    public void Where_processors_are_short_they_make_it_slower_by_little_at_most() => Gen.Select(Cases, Gen.Double[1, 4], Gen.Double[0, 1]).Sample(
        (test, faster, shorter) => RequireNoSlower(test.Shape, Imagined.Usual(test.Shape), test.Cluster, faster, shorter, tolerance: 0.1),
        iter: 200);

    [Fact]
    public void A_simulation_has_one_outcome() => Cases.Sample(
        test =>
        {
            StepCosts costs = Imagined.Usual(test.Shape);
            Assert.Equal(StepSimulation.Run(test.Shape, costs, test.Cluster).PathSeconds, StepSimulation.Run(test.Shape, costs, test.Cluster).PathSeconds);
        },
        iter: 20);

    [Fact]
    public void A_thousand_workers_are_simulated_in_no_time_and_wait_for_the_coordinators_link()
    {
        StepShape shape = Imagined.Job(shards: 1024, blocks: 10);
        StepPrediction step = StepSimulation.Run(shape, Imagined.Usual(shape), Imagined.Cluster(1024, 1.25e9, 50e-6, cores: 64));
        Assert.Contains(step.Bottleneck, new[] { Activity.CoordinatorLinkIn, Activity.CoordinatorLinkOut });
        Assert.InRange(step.Seconds, 1024L * 10 * Imagined.BlockBytes / 1.25e9, 2.2 * 1024L * 10 * Imagined.BlockBytes / 1.25e9);
    }

    [Fact]
    public void A_forecast_is_against_one_worker_and_its_remedies_are_worth_it()
    {
        StepShape shape = Imagined.Job(shards: 64, blocks: 8);
        StepCosts costs = Imagined.Usual(shape);
        ClusterSpec cluster = Imagined.Cluster(1, 1.25e9, 50e-6, cores: 8);

        IReadOnlyList<ForecastRow> rows = ScalingForecast.Of(shape, costs, cluster, [1, 4, 64], [1, 2]);

        Assert.Equal([(1, 1), (1, 2), (4, 1), (4, 2), (64, 1), (64, 2)], rows.Select(row => (row.Prediction.Cluster.Workers, row.Prediction.Cluster.Servers)));
        Assert.Equal(1, rows[0].SpeedUp, 12);
        Assert.Equal(rows[0].Prediction.Seconds / rows[4].Prediction.Seconds / 64, rows[4].Efficiency, 12);

        IReadOnlyList<Remedy> remedies = Remedies.For(shape, costs, rows[4].Prediction);
        Assert.Contains(remedies, remedy => remedy.What == "the parameter server spread over 4 machines");
        Assert.Contains(remedies, remedy => remedy.What == "links of 20Gbps everywhere");
        Assert.All(remedies, remedy => Assert.True(remedy.Gain >= Remedies.WorthwhileGain));
        Assert.Equal(remedies.OrderByDescending(remedy => remedy.Gain), remedies);
    }

    private static void RequireNoSlower(StepShape shape, StepCosts costs, ClusterSpec cluster, double faster, double shorter, double tolerance)
    {
        ClusterSpec better = cluster with { BytesPerSecond = cluster.BytesPerSecond * faster, LatencySeconds = cluster.LatencySeconds * shorter };
        double before = StepSimulation.Run(shape, costs, cluster).Seconds, after = StepSimulation.Run(shape, costs, better).Seconds;
        Assert.True(after <= before * (1 + tolerance), $"{after} s after {before} s");
    }
}
