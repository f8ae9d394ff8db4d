using Lockstep.Transport.Connections;

namespace Lockstep.Cluster.Tests.Harness;

/// <summary>A standby that has the job and waits for its turn.</summary>
public sealed class StandbyProcess
{
    private StandbyProcess(LockstepProcess process, string runDirectory) => (Process, RunDirectory) = (process, runDirectory);

    public LockstepProcess Process { get; }

    /// <summary>Where its checkpoints go.</summary>
    public string RunDirectory { get; }

    /// <summary>Waits until it stands by.</summary>
    public static async Task<StandbyProcess> StandingAsync(LockstepProcess process)
    {
        const string Folder = "checkpoints go to ";
        string standing = await process.SaysAsync("standing by for ");
        return new StandbyProcess(process, standing[(standing.IndexOf(Folder, StringComparison.Ordinal) + Folder.Length)..]);
    }

    /// <summary>Waits until it has a checkpoint.</summary>
    public Task HoldsAsync() => Process.SaysAsync("holds the checkpoint after step");

    /// <summary>Waits until it leads and a step has been decided.</summary>
    public async Task LeadsAsync(int term)
    {
        await Process.SaysAsync($"has taken over at term {term}");
        await Process.SaysAsync(line => line.StartsWith("epoch ", StringComparison.Ordinal), "a line of a step");
    }

    /// <summary>Waits for the end of the run that it leads.</summary>
    public Task<RunSummary> EndAsync() => RunSummary.OfAsync(Process, RunDirectory);
}
