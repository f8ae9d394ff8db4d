namespace Lockstep.Cluster.Tests.Harness.Nets;

/// <summary>A disturbance that any job can meet.</summary>
/// <param name="Name">What happens, in few words.</param>
/// <param name="Of">The disturbance of a job.</param>
public sealed record NetDisturbance(string Name, Func<TestJob, Disturbance> Of);

/// <summary>What happens to each of the <see cref="NetJobs"/> in the table.</summary>
public static class NetDisturbances
{
    public static IReadOnlyList<NetDisturbance> All { get; } =
    [
        new("2 workers", job => Disturbances.Workers(job, 2)),
        new("3 workers", job => Disturbances.Workers(job, 3)),
        new("2 threads", job => Disturbances.Threads(job, 2)),
        new("AVX2 off", job => Disturbances.Without(job, "AVX2", "DOTNET_EnableAVX2")),
        new("a kill", job => WorkerFaults.KilledWhileSending(job, job.Steps / 2, 555)),
        new("a pause", job => WorkerFaults.Paused(job, job.Steps / 2)),
        new("a join", job => WorkerFaults.Joins(job, job.Steps / 3)),
        new("stop and resume in an epoch", Interruptions.StoppedInAnEpoch),
        new("coordinator killed and resumed in an epoch", Interruptions.KilledInAnEpoch),
    ];

    /// <summary>Two workers, one of which is killed in the middle of what it sends, and a third one that joins then: for where there is time for one disturbance only.</summary>
    public static Disturbance KillAndJoin(TestJob job) => WorkerFaults.KilledWhileAnotherJoins(job, job.Steps / 2, 1_001);
}
