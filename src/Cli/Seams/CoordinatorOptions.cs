using Lockstep.Jobs;
using Lockstep.Transport.Joining;

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

    public required string ListenHost { get; init; }

    /// <summary>0 for any free one.</summary>
    public int ListenPort { get; init; }

    public int WorkersMinimum { get; init; } = 1;

    public required JoinToken Token { get; init; }

    public bool AllowPlaintext { get; init; }

    /// <summary>What workers must have too.</summary>
    public required string BuildFingerprint { get; init; }
}
