using Lockstep.Cluster.Tests.Harness;
using Lockstep.Cluster.Tests.Harness.Nets;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.Parameters;

namespace Lockstep.Coordinator.Tests.Nets;

/// <summary>The promise for every kind of net, in one process: who computes which nodes at which step, and what breaks off, changes no bit of any version.</summary>
public sealed class NetInvarianceTests
{
    public static TheoryData<string> Names => [.. NetJobs.All.Select(job => job.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Scattered_over_workers_that_break_off_every_version_is_that_of_a_lone_worker(string name)
    {
        using var net = new NetPlan(JobOf(name));
        List<NetState> expected = LoneRun.Of(net);
        for (int seed = 1; seed <= 2; seed++)
        {
            using var run = new ScatteredRun(net, expected, seed);
            run.Follow(Starting.Point(net.Plan, null, net.Files));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void From_every_checkpoint_of_two_epochs_the_run_goes_on_as_if_nothing_had_been(string name)
    {
        using var net = new NetPlan(JobOf(name) with { CheckpointEvery = 1 });
        List<NetState> expected = LoneRun.Of(net);
        var writer = new CheckpointWriter(net.Run, net.Plan.Network.Layout, new CheckpointIdentity(name, "1", () => 1, [1], "2", "3", 1, [], net.Plan.StepsPerEpoch), keep: 1_000);
        var written = new List<WrittenCheckpoint>();
        using (var run = new ScatteredRun(net, expected, seed: 4) { Saved = snapshot => written.Add(writer.Write(snapshot)) })
            run.Follow(Starting.Point(net.Plan, null, net.Files));

        Assert.Equal(Enumerable.Range(1, expected.Count - 2), written.Select(checkpoint => (int)checkpoint.Step));
        foreach (WrittenCheckpoint checkpoint in written.Where(checkpoint => checkpoint.Step <= 2 * net.Plan.StepsPerEpoch))
        {
            StartingPoint start = Starting.Point(net.Plan, Checkpoint.Verify(checkpoint.Path), net.Files);
            NetState then = expected[(int)checkpoint.Step];
            ScatteredRun.RequireSame($"parameters of checkpoint {start.Step}", then.Parameters, start.Parameters.Span.ToArray());
            ScatteredRun.RequireSame($"optimizer of checkpoint {start.Step}", then.Optimizer, [.. start.OptimizerState.Select(buffer => buffer.Span.ToArray())]);
            using var run = new ScatteredRun(net, expected, seed: 5 + (int)start.Step);
            run.Follow(start, steps: 2);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_step_that_is_skipped_keeps_nothing_of_itself_wherever_in_an_epoch_it_is(string name)
    {
        using var net = new NetPlan(JobOf(name) with { OnNonFinite = "skip" });
        long epoch = net.Plan.StepsPerEpoch;
        long[] skips = [0, 1, epoch - 1, epoch, epoch + 1, epoch + 2];
        List<NetState> expected = LoneRun.Of(net, skips);
        using var run = new ScatteredRun(net, expected, seed: 6) { Poisons = skips };
        run.Follow(Starting.Point(net.Plan, null, net.Files));
    }

    [Fact]
    public void The_jobs_have_what_their_kinds_are_about()
    {
        using var lstm = new NetPlan(NetJobs.Lstm);
        using var gru = new NetPlan(NetJobs.Gru);
        using var norm = new NetPlan(NetJobs.BatchNorm);
        using var small = new NetPlan(NetJobs.SmallMinibatch);
        Assert.Equal((5, 5), (lstm.Plan.Chunks!.Steps, lstm.Plan.Chunks.Backward));
        Assert.Equal((4, 10), (gru.Plan.Chunks!.Steps, gru.Plan.Chunks.Backward));
        Assert.Equal(3, norm.Plan.Network.Layout.Parameters.Count(parameter => parameter.Name.EndsWith("running_mean", StringComparison.Ordinal)));
        Assert.Equal(5, small.Plan.MinibatchAt(small.Plan.StepsPerEpoch - 1).Count);
        foreach (TestJob job in NetJobs.All)
        {
            using var net = new NetPlan(job);
            Assert.InRange(net.Plan.TotalSteps, (2 * net.Plan.StepsPerEpoch) + 1, 6 * net.Plan.StepsPerEpoch);
            Assert.NotEqual(0, net.Plan.TotalSteps % net.Plan.StepsPerEpoch);
            Assert.NotEqual(0, net.Plan.EvaluationMinibatches);
        }
    }

    private static TestJob JobOf(string name) => NetJobs.All.Single(job => job.Name == name);
}
