using Akka.Actor;
using Lockstep.Coordinator.DataPlane;
using Lockstep.Coordinator.Views;
using Lockstep.Protocol.DataPlane;

namespace Lockstep.Coordinator.Running;

/// <summary>How far a worker has come.</summary>
public enum WorkerStage
{
    /// <summary>It passed the handshake of the data plane.</summary>
    Greeted = 0,

    /// <summary>It was handed the job and loads its data.</summary>
    Preparing = 1,

    /// <summary>It accepted the job and waits for training to begin.</summary>
    Ready = 2,

    /// <summary>Parameters are on their way to it.</summary>
    Receiving = 3,

    /// <summary>It has held a whole version, and computes.</summary>
    Computing = 4,

    /// <summary>It has been let go, or has gone.</summary>
    Gone = 5,
}

/// <summary>What the coordinator knows of one incarnation of a worker. Belongs to the coordinator's actor.</summary>
internal sealed class WorkerEntry(NodeHello hello, WorkerConnection connection)
{
    /// <summary>Host and process, for people.</summary>
    public string Name { get; } = $"{hello.Host}:{hello.ProcessId}";

    /// <summary>Whether this is the process that passed the handshake of the data plane.</summary>
    public bool Is(string host, int processId) => hello.Host == host && hello.ProcessId == processId;

    public WorkerConnection Connection { get; } = connection;

    /// <summary>Its actor; null until it has registered.</summary>
    public IActorRef? Actor { get; set; }

    public WorkerStage Stage { get; set; }

    public int Threads { get; set; }

    /// <summary>How fast it computes.</summary>
    public SpeedEstimate Speed { get; } = new();

    /// <summary>What watchers are shown.</summary>
    public WorkerState Shown { get; set; } = WorkerState.Joining;

    /// <summary>Why it is gone.</summary>
    public string? Reason { get; set; }
}
