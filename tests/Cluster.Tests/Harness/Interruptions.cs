using System.Globalization;

namespace Lockstep.Cluster.Tests.Harness;

/// <summary>What happens to the coordinator, and how the run is gone on with.</summary>
public static class Interruptions
{
    public static IReadOnlyList<Disturbance> All { get; } =
    [
        Stopped(TestJob.Whole, "SIGINT", PosixSignals.Interrupt, 5),
        Stopped(TestJob.Whole, "SIGTERM", PosixSignals.Terminate, 62),
        Stopped(TestJob.Whole, "SIGINT", PosixSignals.Interrupt, 118),
        Killed(TestJob.Whole, 25), Killed(TestJob.Whole, 75), Killed(TestJob.Whole, 130),
        DamagedCheckpoint(),
    ];

    /// <summary>The coordinator is asked to stop, and another one goes on.</summary>
    public static Disturbance Stopped(TestJob job, string name, int signal, int step) => new($"stopped by {name} at step {step} and resumed", job, async cluster =>
    {
        await StopAsync(cluster, signal, step);
        CoordinatorProcess resumed = await cluster.ResumeAsync();
        cluster.StartWorker();
        return await resumed.EndAsync();
    });

    /// <summary>The same in the middle of the second epoch, which is made sure of; then two workers go on.</summary>
    public static Disturbance StoppedInAnEpoch(TestJob job) => new("stopped by SIGTERM in the middle of an epoch and resumed", job, async cluster =>
    {
        CoordinatorProcess coordinator = await StopAsync(cluster, PosixSignals.Terminate, cluster.MiddleOfAnEpoch);
        RequireMiddleOfAnEpoch(cluster, coordinator);
        CoordinatorProcess resumed = await cluster.ResumeAsync();
        cluster.StartWorker();
        cluster.StartWorker();
        return await resumed.EndAsync();
    });

    /// <summary>The coordinator dies. The worker outlives it: it looks for it, and finds the one that goes on.</summary>
    public static Disturbance Killed(TestJob job, int step) => new($"coordinator killed (SIGKILL) at step {step} and resumed, the worker comes back by itself", job, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
        (_, UpstreamHold hold) = cluster.StartWorkerHeldAt(step, 777);
        await hold.ReachedAsync();
        await coordinator.Process.SaysAsync("checkpoint after step");
        await coordinator.Process.KillAsync();
        hold.Cut();
        return await (await cluster.ResumeAsync()).EndAsync();
    });

    /// <summary>The same about the middle of the second epoch, after a checkpoint in the middle of one.</summary>
    public static Disturbance KilledInAnEpoch(TestJob job) => new("coordinator killed (SIGKILL) in the middle of an epoch and resumed", job, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
        (_, UpstreamHold hold) = cluster.StartWorkerHeldAt(cluster.MiddleOfAnEpoch, 777);
        await hold.ReachedAsync();
        await coordinator.Process.SaysAsync("checkpoint after step");
        await coordinator.Process.KillAsync();
        hold.Cut();
        RequireMiddleOfAnEpoch(cluster, coordinator);
        return await (await cluster.ResumeAsync()).EndAsync();
    });

    private static Disturbance DamagedCheckpoint() => new("stopped at step 80, the newest checkpoint damaged, resumed from the one before", TestJob.Whole, async cluster =>
    {
        CoordinatorProcess coordinator = await StopAsync(cluster, PosixSignals.Interrupt, 80);
        string model = Path.Combine(NewestCheckpoint(coordinator), "model.safetensors");
        byte[] bytes = await File.ReadAllBytesAsync(model);
        bytes[^5] ^= 1;
        await File.WriteAllBytesAsync(model, bytes);

        CoordinatorProcess resumed = await cluster.ResumeAsync();
        await resumed.Process.SaysAsync("model.safetensors is damaged");
        cluster.StartWorker();
        return await resumed.EndAsync();
    });

    /// <summary>Stops a run in the middle and checks that it ended as a run that was interrupted.</summary>
    public static async Task<CoordinatorProcess> StopAsync(ProcessCluster cluster, int signal, int step)
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
        (_, UpstreamHold hold) = cluster.StartWorkerHeldAt(step, 505);
        await hold.ReachedAsync();
        await coordinator.SignalStopAsync(signal);
        hold.Release();
        RunSummary stopped = await coordinator.EndAsync();
        if (stopped.ExitCode != 128 + signal)
            throw new HarnessException($"the coordinator ended with exit code {stopped.ExitCode} instead of {128 + signal}");
        if (stopped.ModelSha256 is null)
            throw new HarnessException("the coordinator stopped without a checkpoint");
        await cluster.WorkersEndWellAsync();
        return coordinator;
    }

    // One that was cut off while it was written is none, and its name says so.
    private static string NewestCheckpoint(CoordinatorProcess coordinator) =>
        Directory.EnumerateDirectories(Path.Combine(coordinator.RunDirectory, "checkpoints"), "step-*")
            .Where(folder => StepOf(folder) is not null).Order(StringComparer.Ordinal).Last();

    private static long? StepOf(string folder) =>
        long.TryParse(Path.GetFileName(folder)["step-".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : null;

    private static void RequireMiddleOfAnEpoch(ProcessCluster cluster, CoordinatorProcess coordinator)
    {
        long step = StepOf(NewestCheckpoint(coordinator))!.Value;
        if (step % cluster.StepsPerEpoch == 0 || step == cluster.Job.Steps)
            throw new HarnessException($"the newest checkpoint is of step {step}, which is not in the middle of an epoch of {cluster.StepsPerEpoch} steps");
    }
}
