namespace Lockstep.Cluster.Tests.Harness;

/// <summary>Something that must not change a bit of the model.</summary>
/// <param name="Name">What happens, in words.</param>
/// <param name="Job">The job that it happens to.</param>
/// <param name="RunAsync">Runs the job on a fresh cluster, lets it happen, and returns how the run ended.</param>
public sealed record Disturbance(string Name, TestJob Job, Func<ProcessCluster, Task<RunSummary>> RunAsync)
{
    /// <summary>Whether the processes share memory; else everything goes over TCP.</summary>
    public bool SharesMemory { get; init; }

    /// <summary>What all others are compared with: one worker, one thread, and nothing happens.</summary>
    public static Disturbance None(TestJob job) => new("nothing", job, async cluster =>
    {
        CoordinatorProcess coordinator = await cluster.StartCoordinatorAsync();
        cluster.StartWorker();
        return await coordinator.EndAsync();
    });

    /// <summary>Lets it happen once, on processes of its own.</summary>
    /// <param name="program">The build; null for the one beside the running assembly.</param>
    /// <exception cref="HarnessException">The run did not do what was waited for; the message holds all that was said.</exception>
    public async Task<Observation> ObserveAsync(LockstepProgram? program = null)
    {
        await using var cluster = new ProcessCluster(Job, program, SharesMemory);
        try
        {
            RunSummary summary = await RunAsync(cluster);
            if (summary.ExitCode == 0)
                await cluster.WorkersEndWellAsync();
            return new Observation(summary, StepLog.Read(summary.RunDirectory), cluster.Transcript);
        }
        catch (Exception e)
        {
            throw new HarnessException($"{Name}: {e.Message}\n{cluster.Transcript}", e);
        }
    }

    public override string ToString() => Name;
}

/// <summary>How one run went.</summary>
public sealed record Observation(RunSummary Summary, StepLog Log, string Transcript)
{
    /// <summary>What is not as it is without a disturbance; null where every bit is the same.</summary>
    public string? DifferenceFrom(Observation undisturbed) =>
        Summary.ExitCode != 0 ? $"exit code {Summary.ExitCode}"
        : Summary.ModelSha256 != undisturbed.Summary.ModelSha256 ? $"model sha256 {Summary.ModelSha256} instead of {undisturbed.Summary.ModelSha256}"
        : Summary.StateSha256 != undisturbed.Summary.StateSha256 ? $"state sha256 {Summary.StateSha256} instead of {undisturbed.Summary.StateSha256}"
        : Log.DifferenceFrom(undisturbed.Log);
}
