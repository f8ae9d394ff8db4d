using Lockstep.Transport.Connections;
using Lockstep.Transport.Joining;
using Lockstep.Transport.Security;

namespace Lockstep.Coordinator.Succession;

/// <summary>How a standby joins a run, and what it leads with when its turn comes.</summary>
public sealed record StandbyOptions
{
    /// <summary>Data planes of the coordinator, or of any that may lead by now.</summary>
    public required IReadOnlyList<DataEndpoint> Join { get; init; }

    /// <summary>The secret that lets it in, and that lets workers in once it leads.</summary>
    public required JoinToken Token { get; init; }

    /// <summary>Names the build; the coordinator's must be the same.</summary>
    public required string BuildFingerprint { get; init; }

    /// <summary>The name or address by which workers reach this machine.</summary>
    public required string ListenHost { get; init; }

    /// <summary>Port of the data plane; 0 for any free one. The control plane takes the next one once it leads, or any free one too.</summary>
    public int ListenPort { get; init; }

    /// <summary>Path of a Unix domain socket for the data plane; null for TCP.</summary>
    public string? DataSocket { get; init; }

    /// <summary>The folder in which its run directory is made.</summary>
    public required string OutputDirectory { get; init; }

    /// <summary>The folder that relative paths of the job are tried against; null for the folder of the job file, which must then be on this machine.</summary>
    public string? DataRoot { get; init; }

    /// <summary>Workers that are waited for before the first step, once it leads.</summary>
    public int WorkersMinimum { get; init; } = 1;

    /// <summary>What both planes show and believe; null where they are not encrypted.</summary>
    public PlaneIdentity? Identity { get; init; }

    /// <summary>How long it tries to reach a coordinator, at first and whenever it has lost one and may not take over; default one minute.</summary>
    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>How a standby's watch ended.</summary>
public enum StandbyOutcome
{
    /// <summary>The run has ended without it; that is the coordinator's to say, and how.</summary>
    RunEnded = 0,

    /// <summary>It left as it was asked to.</summary>
    Left = 1,

    /// <summary>It was not let in, or cannot lead this job.</summary>
    Refused = 2,

    /// <summary>No coordinator could be reached, and it could not know that there is none.</summary>
    CoordinatorLost = 3,

    /// <summary>It cannot hold checkpoints.</summary>
    Failed = 4,

    /// <summary>It took over, and its run has ended.</summary>
    Led = 5,
}

/// <summary>How a standby's watch ended, and why.</summary>
/// <param name="Outcome">How.</param>
/// <param name="Explanation">Why.</param>
/// <param name="Run">How the run ended that it led.</param>
public sealed record StandbyEnd(StandbyOutcome Outcome, string Explanation, Running.RunEnded? Run = null);
