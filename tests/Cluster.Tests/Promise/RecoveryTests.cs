using Lockstep.Cluster.Tests.Harness;

namespace Lockstep.Cluster.Tests.Promise;

/// <summary>How long the loss of a node may hold a run up, with room for a busy machine; the bits are the same. That of a coordinator stands in <see cref="FailoverTests"/>.</summary>
[Collection(SecondProcessCollection.Name)]
public sealed class RecoveryTests(UndisturbedRuns undisturbed)
{
    [Fact]
    public Task After_a_workers_death_the_next_step_is_decided_within_seconds() =>
        RequireAsync(Recovery.OfKilledWorkerAsync, TimeSpan.FromSeconds(5));

    [Fact]
    public Task After_a_workers_silence_the_next_step_is_decided_within_seconds() =>
        RequireAsync(Recovery.OfSilentWorkerAsync, TimeSpan.FromSeconds(20));

    private async Task RequireAsync(Func<TestJob, Task<Recovery>> observe, TimeSpan bound)
    {
        Recovery recovery = await observe(TestJob.Long);
        Assert.True(recovery.Pause < bound, $"{recovery.Pause} passed until the next step\n{recovery.Run.Transcript}");
        // No step is lost or made again, and the others compute what the lost worker had of one step.
        Assert.Equal(0, recovery.Replayed);
        Assert.InRange(recovery.LeavesGiven!.Value, 1, TestJob.Long.Shards - 2);
        Assert.Null(recovery.Run.DifferenceFrom(await undisturbed.OfAsync(TestJob.Long)));
    }
}
