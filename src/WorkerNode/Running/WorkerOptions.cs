using Lockstep.Transport.Connections;
using Lockstep.Transport.Joining;
using Lockstep.Transport.Security;
using Lockstep.WorkerNode.Computing;

namespace Lockstep.WorkerNode.Running;

/// <summary>How a worker process joins a run.</summary>
public sealed record WorkerOptions
{
    /// <summary>Data planes of the coordinator, or of any that may lead by now.</summary>
    public required IReadOnlyList<DataEndpoint> Join { get; init; }

    /// <summary>The secret that lets it in.</summary>
    public required JoinToken Token { get; init; }

    /// <summary>Names the build; the coordinator's must be the same.</summary>
    public required string BuildFingerprint { get; init; }

    /// <summary>For TLS on both planes; null where they are not encrypted. The coordinator must do the same.</summary>
    public PlaneIdentity? Identity { get; init; }

    /// <summary>Compute threads.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>How long it tries to reach a coordinator, at first and whenever it has lost one; default one minute.</summary>
    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The folder that relative paths of the job are tried against; null for the folder of the job file, which must then be on this machine.</summary>
    public string? DataRoot { get; init; }

    /// <summary>A fault that it is to make, to show what comes of it; null, as for every worker that nobody started for that, for none.</summary>
    public InjectedFault? Injected { get; init; }
}

/// <summary>How a worker's work ended.</summary>
public enum WorkerOutcome
{
    /// <summary>The run has ended, well or not: that is the coordinator's to say.</summary>
    RunEnded = 0,

    /// <summary>It left as it was asked to.</summary>
    Left = 1,

    /// <summary>It was not let in, or cannot work on this job.</summary>
    Refused = 2,

    /// <summary>No coordinator could be reached within the timeout.</summary>
    CoordinatorLost = 3,

    /// <summary>Its computation failed.</summary>
    Failed = 4,
}

/// <summary>How a worker's work ended, and why.</summary>
public sealed record WorkerExit(WorkerOutcome Outcome, string Explanation);
