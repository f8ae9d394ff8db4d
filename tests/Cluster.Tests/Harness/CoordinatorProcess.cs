using System.Text.RegularExpressions;
using Lockstep.Transport.Connections;

namespace Lockstep.Cluster.Tests.Harness;

/// <summary>A coordinator that listens.</summary>
public sealed class CoordinatorProcess
{
    private CoordinatorProcess(LockstepProcess process, string runDirectory, DataEndpoint endpoint, string workerCommand) =>
        (Process, RunDirectory, Endpoint, WorkerCommand) = (process, runDirectory, endpoint, workerCommand);

    public LockstepProcess Process { get; }

    public string RunDirectory { get; }

    /// <summary>Where its data plane listens.</summary>
    public DataEndpoint Endpoint { get; }

    /// <summary>Its data port.</summary>
    public int Port => Endpoint.Port;

    /// <summary>The command that it printed for workers.</summary>
    public string WorkerCommand { get; }

    /// <summary>Waits until it says where it listens.</summary>
    public static async Task<CoordinatorProcess> ListeningAsync(LockstepProcess process)
    {
        const string Listening = "listening on ", Joins = "; a worker joins with: ";
        string listening = await process.SaysAsync(Listening);
        int joins = listening.IndexOf(Joins, StringComparison.Ordinal);
        var endpoint = DataEndpoint.Parse(listening[Listening.Length..joins]);
        string run = await process.SaysAsync(line => line.StartsWith("run ", StringComparison.Ordinal), "run NAME in FOLDER");
        return new CoordinatorProcess(process, run[(run.IndexOf(" in ", StringComparison.Ordinal) + 4)..], endpoint, listening[(joins + Joins.Length)..]);
    }

    /// <summary>Waits for the end of the run.</summary>
    public Task<RunSummary> EndAsync(TimeSpan? bound = null) => RunSummary.OfAsync(Process, RunDirectory, bound);

    /// <summary>Asks it to stop, and waits until it has taken note; what it waits for meanwhile can be held back.</summary>
    public async Task SignalStopAsync(int signal)
    {
        Process.Signal(signal);
        await FileWatch.ContainsAsync(Path.Combine(RunDirectory, "log.clef"), $"signal {signal}");
    }

    /// <summary>Waits until a worker has leaves of the tree.</summary>
    public Task ComputesAsync(LockstepProcess worker) =>
        Process.SaysAsync(line => Regex.IsMatch(line, $":{worker.Id}: [1-9][0-9]* leaves"), $"process {worker.Id} has leaves");
}
