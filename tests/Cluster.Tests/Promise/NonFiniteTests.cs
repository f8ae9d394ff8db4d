using Lockstep.Cluster.Tests.Harness;

namespace Lockstep.Cluster.Tests.Promise;

/// <summary>What a run does when its numbers leave the range of float32.</summary>
[Collection(ProcessCollection.Name)]
public sealed class NonFiniteTests
{
    private static readonly TestJob Exploding = TestJob.Short with { Name = "exploding", LearningRate = "1e30" };

    [Fact]
    public async Task A_run_whose_numbers_explode_stops_and_names_step_layer_and_leaf()
    {
        await using var cluster = new ProcessCluster(Exploding);
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
        cluster.StartWorker();
        RunSummary summary = await coordinator.EndAsync();
        Assert.True(summary.ExitCode == 1, cluster.Transcript);
        Assert.Matches("step [0-9]+: .*(layer|parameter).*leaf [0-9]+", coordinator.Process.Transcript);
        Assert.Contains("onNonFinite: skip", coordinator.Process.Transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_that_may_skip_goes_on_and_keeps_nothing_of_the_step()
    {
        await using var cluster = new ProcessCluster(Exploding with { OnNonFinite = "skip" });
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync(workersMinimum: 2);
        cluster.StartWorker();
        cluster.StartWorker();
        RunSummary summary = await coordinator.EndAsync();
        Assert.True(summary.ExitCode == 0, cluster.Transcript);
        Assert.Contains("was skipped", coordinator.Process.Transcript, StringComparison.Ordinal);
        StepLog log = StepLog.Read(summary.RunDirectory);
        Assert.Equal(Exploding.Steps, log.Steps.Count);
        Observation alone = await Disturbance.None(Exploding with { OnNonFinite = "skip" }).ObserveAsync();
        Assert.Equal(alone.Summary.ModelSha256, summary.ModelSha256);
        Assert.Null(log.DifferenceFrom(alone.Log));
    }
}
