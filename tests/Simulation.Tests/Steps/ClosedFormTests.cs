using Lockstep.Simulation.Clusters;
using Lockstep.Simulation.Costs;
using Lockstep.Simulation.Steps;
using Lockstep.Simulation.Timing;
using Lockstep.Transport.Frames;

namespace Lockstep.Simulation.Tests.Steps;

/// <summary>Cases in which the time of a step can be written down.</summary>
public sealed class ClosedFormTests
{
    private const double Bandwidth = 1e9;

    [Fact]
    public void One_worker_without_a_network_takes_its_computing_and_the_update()
    {
        StepShape shape = Imagined.Job(shards: 8, blocks: 4);
        StepCosts costs = Imagined.Free(shape, 1e-3) with { Prepare = new ThreadedCost(2e-4, 0), Apply = new ThreadedCost(3e-4, 0) };

        StepPrediction step = StepSimulation.Run(shape, costs, Imagined.Cluster(1));

        Assert.Equal(8e-3 + 5e-4, step.Seconds, 12);
        Assert.Equal(Activity.Compute, step.Bottleneck);
        Assert.Equal(5e-4, step.PathSeconds[(int)Activity.Update], 12);
    }

    [Fact]
    public void What_is_only_computed_is_divided_by_the_workers()
    {
        StepShape shape = Imagined.Job(shards: 16, blocks: 3);
        StepCosts costs = Imagined.Free(shape, 1e-3);

        Assert.Equal(1e-3, StepSimulation.Run(shape, costs, Imagined.Cluster(16)).Seconds, 12);
        // Five workers: one of them has four leaves, the others three.
        Assert.Equal(4e-3, StepSimulation.Run(shape, costs, Imagined.Cluster(5)).Seconds, 12);
    }

    [Fact]
    public void Where_only_the_link_counts_a_step_takes_its_bytes_by_the_bandwidth()
    {
        StepShape shape = Imagined.Job(shards: 4, blocks: 5, sumsBytes: 48);

        StepPrediction step = StepSimulation.Run(shape, Imagined.Free(shape), Imagined.Cluster(1, Bandwidth));

        const long Header = FrameCodec.HeaderLength;
        // The version that came is said to be held, the one before to be let go.
        long up = (5 * (Imagined.BlockBytes + Header)) + 48 + Header + (2 * Header), down = 5 * (Imagined.BlockBytes + Header);
        Assert.Equal(up, step.BytesIn);
        Assert.Equal(down, step.BytesOut);
        Assert.Equal((up + down) / Bandwidth, step.Seconds, 12);
    }

    [Fact]
    public void The_coordinators_link_carries_what_all_workers_send()
    {
        StepShape shape = Imagined.Job(shards: 8, blocks: 6);

        StepPrediction step = StepSimulation.Run(shape, Imagined.Free(shape), Imagined.Cluster(8, Bandwidth));

        // The first worker has its last block while seven others still wait for theirs, and begins to send.
        double both = (step.BytesIn + step.BytesOut) / Bandwidth, overlap = 7 * (Imagined.BlockBytes + FrameCodec.HeaderLength) / Bandwidth;
        Assert.InRange(step.Seconds, both - overlap - 1e-9, both);
        Assert.Contains(step.Bottleneck, new[] { Activity.CoordinatorLinkIn, Activity.CoordinatorLinkOut });
    }

    [Fact]
    public void Two_servers_halve_the_time_of_the_coordinators_link()
    {
        StepShape shape = Imagined.Job(shards: 16, blocks: 8);
        StepCosts costs = Imagined.Free(shape);

        double one = StepSimulation.Run(shape, costs, Imagined.Cluster(16, Bandwidth)).Seconds;
        double two = StepSimulation.Run(shape, costs, Imagined.Cluster(16, Bandwidth, servers: 2)).Seconds;
        double four = StepSimulation.Run(shape, costs, Imagined.Cluster(16, Bandwidth, servers: 4)).Seconds;

        Assert.InRange(two / one, 0.47, 0.53);
        Assert.InRange(four / one, 0.22, 0.28);
    }

    [Fact]
    public void A_link_twice_as_fast_at_the_coordinator_alone_halves_its_time_too()
    {
        StepShape shape = Imagined.Job(shards: 16, blocks: 8);
        StepCosts costs = Imagined.Free(shape);
        ClusterSpec cluster = Imagined.Cluster(16, Bandwidth);

        double one = StepSimulation.Run(shape, costs, cluster).Seconds;
        double doubled = StepSimulation.Run(shape, costs, cluster with { CoordinatorBytesPerSecond = 2 * Bandwidth }).Seconds;

        Assert.InRange(doubled / one, 0.47, 0.53);
    }

    [Fact]
    public void A_step_has_one_way_there_and_one_back()
    {
        StepShape shape = Imagined.Job(shards: 4, blocks: 3);

        StepPrediction step = StepSimulation.Run(shape, Imagined.Free(shape), Imagined.Cluster(4, latency: 1e-3));

        Assert.Equal(2e-3, step.Seconds, 12);
        Assert.Equal(Activity.Latency, step.Bottleneck);
    }

    // To the first server, its counts to the second, that one's norm back, the decision to it, the version to the workers.
    [Fact]
    public void Servers_that_must_agree_add_three_ways()
    {
        StepShape shape = Imagined.Job(shards: 4, blocks: 4);

        StepPrediction step = StepSimulation.Run(shape, Imagined.Free(shape), Imagined.Cluster(4, latency: 1e-3, servers: 2));

        Assert.Equal(5e-3, step.Seconds, 12);
    }

    [Fact]
    public void What_has_more_frames_than_credit_waits_for_ways_back_and_forth()
    {
        StepShape few = Imagined.Job(shards: 1, blocks: 60), many = Imagined.Job(shards: 1, blocks: 256);

        double fewSeconds = StepSimulation.Run(few, Imagined.Free(few), Imagined.Cluster(1, latency: 1e-3)).Seconds;
        double manySeconds = StepSimulation.Run(many, Imagined.Free(many), Imagined.Cluster(1, latency: 1e-3)).Seconds;

        // With 64 frames under way at most, 259 frames up and 256 down are four to six windows each, of two ways each.
        Assert.InRange(fewSeconds, 2e-3 - 1e-9, 6e-3 + 1e-9);
        Assert.InRange(manySeconds, 14e-3 - 1e-9, 22e-3 + 1e-9);
    }

    [Fact]
    public void One_thread_adds_what_all_workers_send()
    {
        StepShape shape = Imagined.Job(shards: 16, blocks: 4);
        StepCosts costs = Imagined.Free(shape) with { AddPerByte = 1e-9, Contribution = CostCurve.Constant(1e-5) };

        StepPrediction step = StepSimulation.Run(shape, costs, Imagined.Cluster(16));

        // 16 nodes are 15 additions a block; there are 16 contributions to each block and to the sums, which are 40 bytes.
        double expected = (15 * ((4 * Imagined.BlockBytes) + 40) * 1e-9) + (16 * 5 * 1e-5);
        Assert.Equal(expected, step.Seconds, 9);
        Assert.Equal(Activity.Sums, step.Bottleneck);
    }

    [Fact]
    public void Workers_of_one_machine_share_its_processors()
    {
        StepShape shape = Imagined.Job(shards: 4, blocks: 2);
        StepCosts costs = Imagined.Free(shape, 1e-3) with { Prepare = new ThreadedCost(1e-3, 0) };

        Assert.Equal(5e-3, StepSimulation.Run(shape, costs, ClusterSpec.Local(4, cores: 1, threads: 1)).Seconds, 9);
        Assert.Equal(3e-3, StepSimulation.Run(shape, costs, ClusterSpec.Local(4, cores: 2, threads: 1)).Seconds, 9);
        Assert.Equal(2e-3, StepSimulation.Run(shape, costs, ClusterSpec.Local(4, cores: 4, threads: 1)).Seconds, 9);
    }

    [Fact]
    public void On_one_machine_a_worker_hashes_its_gradient_and_nothing_else_costs_by_the_byte()
    {
        StepShape shape = Imagined.Job(shards: 2, blocks: 4);
        StepCosts costs = Imagined.Free(shape, 1e-3) with { HashPerByte = 1e-9, CopyPerByte = 1e-3 };
        // Of what travels, the sums and the places of four blocks, every byte is copied at either end.
        double small = (40 + 12) * 2 * 1e-3;

        double seconds = StepSimulation.Run(shape, costs, ClusterSpec.Local(1, cores: 8, threads: 1)).Seconds;

        Assert.InRange(seconds, 2e-3 + (4 * Imagined.BlockBytes * 1e-9), 2e-3 + (4 * Imagined.BlockBytes * 1e-9) + (4 * small));
    }

    [Fact]
    public void Workers_without_a_leaf_and_servers_without_a_block_are_refused()
    {
        StepShape shape = Imagined.Job(shards: 4, blocks: 2);
        StepCosts costs = Imagined.Free(shape);

        Assert.Contains("5 workers", Assert.Throws<ArgumentException>(() => StepSimulation.Run(shape, costs, Imagined.Cluster(5))).Message);
        Assert.Contains("3 servers", Assert.Throws<ArgumentException>(() => StepSimulation.Run(shape, costs, Imagined.Cluster(4, servers: 3))).Message);
    }
}
