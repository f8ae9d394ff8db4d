using Lockstep.Chaos.Faults;
using Lockstep.Chaos.Schedules;
using Lockstep.Jobs;
using Lockstep.Launch;

namespace Lockstep.Chaos.Campaigns;

/// <summary>What a campaign does.</summary>
public sealed record CampaignOptions
{
    /// <summary>The resolved job, as every run trains it.</summary>
    public required Job Job { get; init; }

    /// <summary>Where the job's paths start.</summary>
    public required string DataRoot { get; init; }

    /// <summary>What schedules must know of the job.</summary>
    public required JobMeasure Measure { get; init; }

    /// <summary>About how many bytes a checkpoint has.</summary>
    public required long CheckpointBytes { get; init; }

    /// <summary>The kinds of faults to draw from.</summary>
    public required IReadOnlyList<FaultKind> Kinds { get; init; }

    /// <summary>How many runs.</summary>
    public required int Runs { get; init; }

    /// <summary>What all schedules follow from.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Workers that each run begins with.</summary>
    public required int Workers { get; init; }

    /// <summary>Compute threads of each worker.</summary>
    public required int Threads { get; init; }

    /// <summary>How long one run may take; null for a bound that follows from the undisturbed run.</summary>
    public TimeSpan? Bound { get; init; }

    /// <summary>The campaign's folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Names the build: results of another one are not gone on with.</summary>
    public required string Build { get; init; }

    /// <summary>How to start this program.</summary>
    public required ThisProgram Program { get; init; }

    /// <summary>Starts processes.</summary>
    public required IProcessStarter Starter { get; init; }

    /// <summary>Schedules to do, one a run, in place of drawn ones; null for drawn ones.</summary>
    public IReadOnlyList<Schedule>? Given { get; init; }
}
