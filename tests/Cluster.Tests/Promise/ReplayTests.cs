using Lockstep.Cluster.Tests.Harness;

namespace Lockstep.Cluster.Tests.Promise;

/// <summary>What going on from a checkpoint checks, and what it does where nothing is left to do.</summary>
[Collection(SecondProcessCollection.Name)]
public sealed class ReplayTests(UndisturbedRuns undisturbed)
{
    [SkippableFact]
    public async Task A_replayed_step_with_another_loss_stops_the_run_and_is_not_saved()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "sends signals by their numbers on Linux");
        await using var cluster = new ProcessCluster(TestJob.Whole);
        CoordinatorProcess coordinator = await Interruptions.StopAsync(cluster, PosixSignals.Interrupt, step: 80);
        // As if step 89 had been made before the interruption, by a machine that computes otherwise; a checkpoint is due right after it.
        await File.AppendAllTextAsync(Path.Combine(coordinator.RunDirectory, "metrics.jsonl"), """{"step":89,"loss":0.125}""" + "\n");
        string[] before = Checkpoints(coordinator);

        CoordinatorProcess resumed = await cluster.ResumeAsync();
        cluster.StartWorker();
        RunSummary summary = await resumed.EndAsync();
        Assert.True(summary.ExitCode == 1, cluster.Transcript);
        Assert.Contains("step 89 was replayed", resumed.Process.Transcript, StringComparison.Ordinal);
        Assert.Equal(before, Checkpoints(coordinator));
    }

    [Fact]
    public async Task A_run_that_has_ended_is_resumed_to_the_same_model()
    {
        Observation expected = await undisturbed.OfAsync(TestJob.Short);
        await using var cluster = new ProcessCluster(TestJob.Short);
        CoordinatorProcess first = await cluster.StartCoordinatorAsync();
        cluster.StartWorker();
        Assert.Equal(0, (await first.EndAsync()).ExitCode);

        CoordinatorProcess again = await cluster.ResumeAsync();
        cluster.StartWorker();
        RunSummary summary = await again.EndAsync();
        Assert.True(summary.ExitCode == 0, cluster.Transcript);
        Assert.Equal(expected.Summary.ModelSha256, summary.ModelSha256);
        Assert.Null(StepLog.Read(first.RunDirectory).DifferenceFrom(expected.Log));
    }

    private static string[] Checkpoints(CoordinatorProcess coordinator) =>
        [.. Directory.EnumerateDirectories(Path.Combine(coordinator.RunDirectory, "checkpoints")).Order(StringComparer.Ordinal)];
}
