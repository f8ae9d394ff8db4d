namespace Lockstep.Cluster.Tests.Harness;

/// <summary>What happens to workers while they compute.</summary>
public static class WorkerFaults
{
    public static IReadOnlyList<Disturbance> All { get; } =
    [
        KilledAt(3), KilledAt(60), KilledAt(120),
        KilledWhileSending(40, 1), KilledWhileSending(40, 1_777), KilledWhileSending(90, 5_003),
        CutOffWhileSending(),
        AllKilledAtOnce(),
        Joins(),
        Leaves(),
        Paused(),
    ];

    private static Disturbance KilledAt(int step) => new($"1 of 2 workers killed (SIGKILL) at step {step}", TestJob.Whole, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync(workersMinimum: 2);
        (WorkerUnderTest victim, UpstreamHold hold) = cluster.StartWorkerHeldAt(step);
        cluster.StartWorker();
        await hold.ReachedAsync();
        await victim.Process.KillAsync();
        // What the dead process had handed to the system still arrives.
        hold.Release();
        return await coordinator.EndAsync();
    });

    private static Disturbance KilledWhileSending(int step, int offset) =>
        new($"1 of 2 workers killed (SIGKILL) in the middle of sending, step {step}, byte {offset}", TestJob.Whole, async cluster =>
        {
            CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync(workersMinimum: 2);
            (WorkerUnderTest victim, UpstreamHold hold) = cluster.StartWorkerHeldAt(step, offset);
            cluster.StartWorker();
            await victim.KillAtAsync(hold);
            return await coordinator.EndAsync();
        });

    private static Disturbance CutOffWhileSending() => new("the only worker cut off in the middle of sending, comes back by itself", TestJob.Whole, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
        (_, UpstreamHold hold) = cluster.StartWorkerHeldAt(70, 2_001);
        await hold.ReachedAsync();
        hold.Cut();
        return await coordinator.EndAsync();
    });

    private static Disturbance AllKilledAtOnce() => new("all workers killed (SIGKILL) at once, new ones started", TestJob.Whole, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync(workersMinimum: 2);
        (WorkerUnderTest first, UpstreamHold firstHold) = cluster.StartWorkerHeldAt(50, 99);
        (WorkerUnderTest second, UpstreamHold secondHold) = cluster.StartWorkerHeldAt(50, 4_099);
        await Task.WhenAny(firstHold.ReachedAsync(), secondHold.ReachedAsync());
        await Task.WhenAll(first.Process.KillAsync(), second.Process.KillAsync());
        firstHold.Cut();
        secondHold.Cut();
        cluster.StartWorker();
        cluster.StartWorker();
        return await coordinator.EndAsync();
    });

    private static Disturbance Joins() => new("a worker joins in the middle", TestJob.Whole, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
        (_, UpstreamHold hold) = cluster.StartWorkerHeldAt(45, 321);
        await hold.ReachedAsync();
        WorkerUnderTest late = cluster.StartWorker();
        await coordinator.ComputesAsync(late.Process);
        hold.Release();
        return await coordinator.EndAsync();
    });

    private static Disturbance Leaves() => new("1 of 2 workers leaves (SIGTERM) in the middle", TestJob.Whole, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync(workersMinimum: 2);
        (WorkerUnderTest leaving, UpstreamHold hold) = cluster.StartWorkerHeldAt(55, 1_234);
        cluster.StartWorker();
        await hold.ReachedAsync();
        leaving.Process.Signal(PosixSignals.Terminate);
        await coordinator.Process.SaysAsync($":{leaving.Process.Id}: left as asked");
        hold.Release();
        return await coordinator.EndAsync();
    });

    // Alone, so that the run cannot end without it: it is given up, comes back as another incarnation, and finishes.
    private static Disturbance Paused() => new("the only worker paused (SIGSTOP) until it is given up, then continued", TestJob.Whole, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
        (WorkerUnderTest worker, UpstreamHold hold) = cluster.StartWorkerHeldAt(65, 3_000);
        await hold.ReachedAsync();
        worker.Process.Pause();
        hold.Release();
        int waits = 0;
        await coordinator.Process.SaysAsync(
            line => line.StartsWith("waiting for workers", StringComparison.Ordinal) && ++waits > 1, "waiting for workers, a second time");
        worker.Process.Signal(PosixSignals.Continue);
        return await coordinator.EndAsync();
    });
}
