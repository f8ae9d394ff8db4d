namespace Lockstep.Cluster.Tests.Harness;

/// <summary>What happens to the coordinator, and how the run is gone on with.</summary>
public static class Interruptions
{
    public static IReadOnlyList<Disturbance> All { get; } =
    [
        Stopped("SIGINT", PosixSignals.Interrupt, 5), Stopped("SIGTERM", PosixSignals.Terminate, 62), Stopped("SIGINT", PosixSignals.Interrupt, 118),
        Killed(25), Killed(75), Killed(130),
        DamagedCheckpoint(),
    ];

    private static Disturbance Stopped(string name, int signal, int step) => new($"stopped by {name} at step {step} and resumed", TestJob.Whole, async cluster =>
    {
        await StopAsync(cluster, signal, step);
        CoordinatorProcess resumed = await cluster.ResumeAsync();
        cluster.StartWorker();
        return await resumed.EndAsync();
    });

    // The worker outlives its coordinator: it looks for it, and finds the one that goes on.
    private static Disturbance Killed(int step) => new($"coordinator killed (SIGKILL) at step {step} and resumed, the worker comes back by itself", TestJob.Whole, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
        (_, UpstreamHold hold) = cluster.StartWorkerHeldAt(step, 777);
        await hold.ReachedAsync();
        await coordinator.Process.SaysAsync("checkpoint after step");
        await coordinator.Process.KillAsync();
        hold.Cut();
        return await (await cluster.ResumeAsync()).EndAsync();
    });

    private static Disturbance DamagedCheckpoint() => new("stopped at step 80, the newest checkpoint damaged, resumed from the one before", TestJob.Whole, async cluster =>
    {
        CoordinatorProcess coordinator = await StopAsync(cluster, PosixSignals.Interrupt, 80);
        string newest = Directory.EnumerateDirectories(Path.Combine(coordinator.RunDirectory, "checkpoints"), "step-*").Order(StringComparer.Ordinal).Last();
        string model = Path.Combine(newest, "model.safetensors");
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
}
