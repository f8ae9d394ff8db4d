using Lockstep.Cluster.Tests.Harness;

namespace Lockstep.Cluster.Tests.Promise;

/// <summary>The runs that all others are compared with; each is made once.</summary>
public sealed class UndisturbedRuns
{
    private readonly Dictionary<TestJob, Observation> _runs = [];

    /// <summary>The job on one worker with one thread, and nothing happens.</summary>
    public async Task<Observation> OfAsync(TestJob job)
    {
        if (!_runs.TryGetValue(job, out Observation? run))
        {
            run = _runs[job] = await Disturbance.None(job).ObserveAsync();
            Assert.True(run.Summary is { ExitCode: 0, ModelSha256.Length: 64, StateSha256.Length: 64 }, run.Transcript);
        }
        return run;
    }
}
