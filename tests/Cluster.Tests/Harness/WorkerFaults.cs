using System.Globalization;
using System.Text.RegularExpressions;

namespace Lockstep.Cluster.Tests.Harness;

/// <summary>What happens to workers while they compute.</summary>
public static class WorkerFaults
{
    public static IReadOnlyList<Disturbance> All { get; } =
    [
        KilledAt(TestJob.Whole, 3), KilledAt(TestJob.Whole, 60), KilledAt(TestJob.Whole, 120),
        KilledWhileSending(TestJob.Whole, 40, 1), KilledWhileSending(TestJob.Whole, 40, 1_777), KilledWhileSending(TestJob.Whole, 90, 5_003),
        CutOffWhileSending(TestJob.Whole, 70, 2_001),
        AllKilledAtOnce(TestJob.Whole, 50),
        Joins(TestJob.Whole, 45),
        Leaves(TestJob.Whole, 55),
        Paused(TestJob.Whole, 65),
        PausedForAMoment(TestJob.Long, 100),
    ];

    /// <summary>One of two workers dies about a step.</summary>
    public static Disturbance KilledAt(TestJob job, int step) => new($"1 of 2 workers killed (SIGKILL) at step {step}", job, async cluster =>
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

    /// <summary>One of two workers dies in the middle of what it sends.</summary>
    public static Disturbance KilledWhileSending(TestJob job, int step, int offset) =>
        new($"1 of 2 workers killed (SIGKILL) in the middle of sending, step {step}, byte {offset}", job, async cluster =>
        {
            CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync(workersMinimum: 2);
            (WorkerUnderTest victim, UpstreamHold hold) = cluster.StartWorkerHeldAt(step, offset);
            cluster.StartWorker();
            await victim.KillAtAsync(hold);
            return await coordinator.EndAsync();
        });

    /// <summary>The only worker's connection breaks, and it joins anew.</summary>
    public static Disturbance CutOffWhileSending(TestJob job, int step, int offset) => new("the only worker cut off in the middle of sending, comes back by itself", job, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
        (_, UpstreamHold hold) = cluster.StartWorkerHeldAt(step, offset);
        await hold.ReachedAsync();
        hold.Cut();
        return await coordinator.EndAsync();
    });

    /// <summary>Both workers die, and two others come.</summary>
    public static Disturbance AllKilledAtOnce(TestJob job, int step) => new("all workers killed (SIGKILL) at once, new ones started", job, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync(workersMinimum: 2);
        (WorkerUnderTest first, UpstreamHold firstHold) = cluster.StartWorkerHeldAt(step, 99);
        (WorkerUnderTest second, UpstreamHold secondHold) = cluster.StartWorkerHeldAt(step, 4_099);
        await Task.WhenAny(firstHold.ReachedAsync(), secondHold.ReachedAsync());
        await Task.WhenAll(first.Process.KillAsync(), second.Process.KillAsync());
        firstHold.Cut();
        secondHold.Cut();
        cluster.StartWorker();
        cluster.StartWorker();
        return await coordinator.EndAsync();
    });

    /// <summary>A second worker comes while the first one computes.</summary>
    public static Disturbance Joins(TestJob job, int step) => new("a worker joins in the middle", job, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
        (_, UpstreamHold hold) = cluster.StartWorkerHeldAt(step, 321);
        await hold.ReachedAsync();
        WorkerUnderTest late = cluster.StartWorker();
        await coordinator.ComputesAsync(late.Process);
        hold.Release();
        return await coordinator.EndAsync();
    });

    /// <summary>
    /// One of two workers dies in the middle of what it sends, the other one, which has more threads and gets its nodes, stands still a few steps later, and a third one
    /// comes and computes.
    /// </summary>
    public static Disturbance KilledWhileAnotherJoins(TestJob job, int step, int offset) =>
        new($"1 of 2 workers killed (SIGKILL) in the middle of sending, step {step}, byte {offset}, and another one joins", job, async cluster =>
        {
            CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync(workersMinimum: 2);
            (WorkerUnderTest victim, UpstreamHold end) = cluster.StartWorkerHeldAt(step, offset);
            (_, UpstreamHold hold) = cluster.StartWorkerHeldAt(step + 3, offset, threads: 2);
            await victim.KillAtAsync(end);
            WorkerUnderTest late = cluster.StartWorker();
            await coordinator.ComputesAsync(late.Process);
            hold.Release();
            return await coordinator.EndAsync();
        });

    /// <summary>One of two workers goes as it should.</summary>
    public static Disturbance Leaves(TestJob job, int step) => new("1 of 2 workers leaves (SIGTERM) in the middle", job, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync(workersMinimum: 2);
        (WorkerUnderTest leaving, UpstreamHold hold) = cluster.StartWorkerHeldAt(step, 1_234);
        // The other one would go on alone while this one stands still.
        (_, UpstreamHold other) = cluster.StartWorkerHeldAt(step, 1_234);
        await hold.ReachedAsync();
        leaving.Process.Signal(PosixSignals.Terminate);
        await coordinator.Process.SaysAsync($":{leaving.Process.Id}: left as asked");
        hold.Release();
        other.Release();
        return await coordinator.EndAsync();
    });

    /// <summary>The only worker stands still: it is given up, comes back as another incarnation, and finishes.</summary>
    public static Disturbance Paused(TestJob job, int step) => new("the only worker paused (SIGSTOP) until it is given up, then continued", job, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
        (WorkerUnderTest worker, UpstreamHold hold) = cluster.StartWorkerHeldAt(step, 3_000);
        await hold.ReachedAsync();
        worker.Process.Pause();
        hold.Release();
        int waits = 0;
        await coordinator.Process.SaysAsync(
            line => line.StartsWith("waiting for workers", StringComparison.Ordinal) && ++waits > 1, "waiting for workers, a second time");
        worker.Process.Signal(PosixSignals.Continue);
        return await coordinator.EndAsync();
    });

    /// <summary>
    /// One of three workers stands still for a moment, less than what it would be given up after: the others compute its leaves and go on, and when it wakes
    /// it finds the present step, and has a share again.
    /// </summary>
    public static Disturbance PausedForAMoment(TestJob job, int step) => new("1 of 3 workers paused (SIGSTOP) for a moment: the others go on, and it comes back", job, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync(workersMinimum: 3);
        (WorkerUnderTest paused, UpstreamHold hold) = cluster.StartWorkerHeldAt(step);
        // Where the machine is so fast that they come to this step before the next balance, it is needed there.
        (_, UpstreamHold second) = cluster.StartWorkerHeldAt(step + 1_400);
        (_, UpstreamHold third) = cluster.StartWorkerHeldAt(step + 1_400);
        await hold.ReachedAsync();
        paused.Process.Pause();
        hold.Release();
        string name = $":{paused.Process.Id}";
        string late = await coordinator.Process.SaysAsync(line => line.Contains($"{name} is late at step ", StringComparison.Ordinal), $"{name} is late");
        long at = long.Parse(Regex.Match(late, "late at step ([0-9]+)").Groups[1].Value, CultureInfo.InvariantCulture);
        await FileWatch.ContainsAsync(Path.Combine(coordinator.RunDirectory, "metrics.jsonl"), $"\"step\":{at + 10},");
        if (coordinator.Process.Transcript.Contains($"{name}: was not heard for", StringComparison.Ordinal))
            throw new HarnessException($"no step was decided before the worker {name} was given up");
        paused.Process.Signal(PosixSignals.Continue);
        await coordinator.Process.SaysAsync($"{name} is in time again");
        second.Release();
        third.Release();
        return await coordinator.EndAsync();
    });
}
