using Lockstep.Jobs;
using Lockstep.Transport.Joining;
using Lockstep.Transport.Security;

namespace Lockstep.Coordinator.Running;

/// <summary>What a coordinator runs, and where.</summary>
public sealed record CoordinatorOptions
{
    /// <summary>The resolved job.</summary>
    public required Job Job { get; init; }

    /// <summary>Where the files are that it names.</summary>
    public required JobSource Source { get; init; }

    /// <summary>The folder in which run directories are made.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>The run directory to go on with; null to begin a new run.</summary>
    public string? ResumeFrom { get; init; }

    /// <summary>The name or address by which workers reach this machine.</summary>
    public required string ListenHost { get; init; }

    /// <summary>Port of the data plane; 0 for any free one. The control plane takes the next one, or any free one too.</summary>
    public int ListenPort { get; init; }

    /// <summary>Path of a Unix domain socket for the data plane, where all workers are on this machine; null for TCP.</summary>
    public string? DataSocket { get; init; }

    /// <summary>Whether numbers lie in memory that coordinator and workers share, where <see cref="DataSocket"/> is given and the system has such memory.</summary>
    public bool SharesMemory { get; init; } = true;

    /// <summary>Workers that are waited for before the first step.</summary>
    public int WorkersMinimum { get; init; } = 1;

    /// <summary>The secret that lets workers in.</summary>
    public required JoinToken Token { get; init; }

    /// <summary>For TLS on both planes; null where they are not encrypted.</summary>
    public PlaneIdentity? Identity { get; init; }

    /// <summary>Names the build; workers must have the same.</summary>
    public required string BuildFingerprint { get; init; }
}
