using Lockstep.Chaos.Driving;
using Lockstep.Chaos.Links;

namespace Lockstep.Cluster.Tests.Harness;

/// <summary>What the loss of a node cost.</summary>
/// <param name="Name">What was lost, in words.</param>
/// <param name="Pause">From the loss until steps were decided that had not begun before it.</param>
/// <param name="LeavesGiven">Leaves of a step that others computed for a dead worker; null where a coordinator was lost.</param>
/// <param name="Replayed">Steps that were made once more.</param>
/// <param name="Run">How the run ended.</param>
public sealed record Recovery(string Name, TimeSpan Pause, int? LeavesGiven, long Replayed, Observation Run)
{
    // One step may be on its way when the fault strikes, and be decided without anybody's help.
    private const int StepsOnTheirWay = 2;

    /// <summary>One of three workers is killed.</summary>
    public static Task<Recovery> OfKilledWorkerAsync(TestJob job) => OfWorkerAsync("one of three workers is killed", job, (worker, _) => worker.KillAsync());

    /// <summary>One of three workers falls silent, and no connection is closed.</summary>
    public static Task<Recovery> OfSilentWorkerAsync(TestJob job) => OfWorkerAsync("one of three workers falls silent", job, (_, link) =>
    {
        link.ToCoordinator.Hold();
        link.ToWorker.Hold();
        return Task.CompletedTask;
    });

    /// <summary>The coordinator is killed, and a standby leads on.</summary>
    public static async Task<Recovery> OfKilledCoordinatorAsync(TestJob job)
    {
        await using var cluster = new ProcessCluster(job);
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
        StandbyProcess standby = await cluster.StartStandbyAsync();
        LockstepProcess worker = cluster.StartFreeWorker();
        await standby.HoldsAsync();
        using var before = new StepWatch(coordinator.RunDirectory);
        using var after = new StepWatch(standby.RunDirectory);
        await coordinator.Process.KillAsync();
        long decided = before.Decided, held = after.Decided;
        TimeSpan killed = after.Now;
        TimeSpan goesOn = await after.ReachesAsync(held + 1);
        RunSummary summary = await standby.EndAsync();
        await worker.ExitAsync();
        return new Recovery(
            "the coordinator is killed, a standby leads on", goesOn - killed, null, Math.Max(0, decided - held),
            new Observation(summary, StepLog.Read(summary.RunDirectory), cluster.Transcript));
    }

    private static async Task<Recovery> OfWorkerAsync(string name, TestJob job, Func<LockstepProcess, FaultyLink, Task> lose)
    {
        await using var cluster = new ProcessCluster(job);
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync(workersMinimum: 3);
        await using var link = new FaultyLink(coordinator.Endpoint, TimeProvider.System);
        LockstepProcess lost = cluster.Start("the one that is lost", ["worker", "--join", link.Endpoint.ToString(), "--threads", "1"]);
        List<LockstepProcess> workers = [cluster.StartFreeWorker(), cluster.StartFreeWorker()];
        await coordinator.ComputesAsync(lost);
        using var watch = new StepWatch(coordinator.RunDirectory);
        await watch.ReachesAsync(job.Steps / 20);

        TimeSpan begin = watch.Now;
        await lose(lost, link);
        long decided = watch.Decided;
        TimeSpan goesOn = await watch.ReachesAsync(decided + StepsOnTheirWay);
        // One that is only silent comes back to a run that may be over by then.
        await lost.KillAsync();
        RunSummary summary = await coordinator.EndAsync();
        foreach (LockstepProcess worker in workers)
            await worker.ExitAsync();
        var shares = new ShareTable();
        int leaves = coordinator.Process.Transcript.Split('\n').SelectMany(shares.Observe).Where(share => share.ProcessId == lost.Id).Select(share => share.Leaves).LastOrDefault();
        return new Recovery(name, goesOn - begin, leaves, 0, new Observation(summary, StepLog.Read(summary.RunDirectory), cluster.Transcript));
    }
}
