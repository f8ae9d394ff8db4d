using Lockstep.Chaos.Processes;
using Lockstep.Transport.Connections;

namespace Lockstep.Chaos.Driving;

/// <summary>Who leads a run, and who leads it after him: one that is started anew from a checkpoint, or one that stands by.</summary>
public interface IHead : IAsyncDisposable
{
    /// <summary>The process that leads, or led last.</summary>
    ClusterProcess Leader { get; }

    /// <summary>The run's folder.</summary>
    string RunDirectory { get; }

    /// <summary>Where the leader's data plane listens.</summary>
    DataEndpoint Endpoint { get; }

    /// <summary>Whether a process of the head has ended that nobody ended.</summary>
    bool HasEnded { get; }

    /// <summary>What all its processes said.</summary>
    string Transcript { get; }

    /// <summary>Begins the run.</summary>
    Task StartAsync(CancellationToken end);

    /// <summary>Waits until somebody could lead on after the leader's end; false where the run is over before.</summary>
    Task<bool> CanGoOnAsync();

    /// <summary>Ends the leader by SIGKILL.</summary>
    Task KillAsync();

    /// <summary>Waits until somebody leads on.</summary>
    /// <returns>The step that the run goes on with.</returns>
    Task<long> GoOnAsync(CancellationToken end);
}

/// <summary>Processes did not do what every run of them does; the message says which.</summary>
public sealed class ChaosException(string message) : Exception(message);
