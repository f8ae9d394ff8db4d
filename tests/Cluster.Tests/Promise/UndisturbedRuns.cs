using System.Collections.Concurrent;
using Lockstep.Cluster.Tests.Harness;

namespace Lockstep.Cluster.Tests.Promise;

/// <summary>The runs that all others are compared with; each is made once for all tests.</summary>
public sealed class UndisturbedRuns
{
    private static readonly ConcurrentDictionary<TestJob, Lazy<Task<Observation>>> Runs = [];

    /// <summary>The job on one worker with one thread, and nothing happens.</summary>
    public async Task<Observation> OfAsync(TestJob job)
    {
        Observation run = await Runs.GetOrAdd(job, asked => new Lazy<Task<Observation>>(() => Disturbance.None(asked).ObserveAsync())).Value;
        Assert.True(run.Summary is { ExitCode: 0, ModelSha256.Length: 64, StateSha256.Length: 64 }, run.Transcript);
        return run;
    }
}
