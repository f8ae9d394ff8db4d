using Lockstep.Cli.Addresses;
using Lockstep.Jobs;
using Lockstep.Transport.Joining;

namespace Lockstep.Cli.Runs;

/// <summary>What a coordinator is asked to do, wherever its workers come from.</summary>
public sealed record RunRequest
{
    /// <summary>The job file; null to take the one of the run that is resumed.</summary>
    public required string? JobFile { get; init; }

    /// <summary>What the command line changes in it.</summary>
    public JobOverrides Overrides { get; init; } = JobOverrides.None;

    /// <summary>The folder of run directories.</summary>
    public required string Output { get; init; }

    /// <summary>Whether to go on with an earlier run.</summary>
    public bool Resume { get; init; }

    /// <summary>The run directory to go on with; null for the newest of the job.</summary>
    public string? ResumeFrom { get; init; }

    /// <summary>Where to listen.</summary>
    public required HostPort Listen { get; init; }

    /// <summary>Path of a Unix domain socket for the data plane, in place of a port of <see cref="Listen"/>; null for TCP.</summary>
    public string? DataSocket { get; init; }

    /// <summary>Workers to wait for before the first step.</summary>
    public int WorkersMinimum { get; init; } = 1;

    /// <summary>How the two planes are protected.</summary>
    public SecurityRequest Security { get; init; } = SecurityRequest.Default;

    /// <summary>Where the job's relative paths start; null for the job file's folder.</summary>
    public string? DataRoot { get; init; }

    /// <summary>A token of the user's; null to make one.</summary>
    public JoinToken? Token { get; init; }

    /// <summary>Lines instead of the live screen.</summary>
    public bool Plain { get; init; }
}
