using Lockstep.Chaos.Schedules;

namespace Lockstep.Chaos.Driving;

/// <summary>What came of one planned fault, while its run goes on.</summary>
/// <param name="plan">The fault.</param>
internal sealed class Strike(PlannedFault plan)
{
    public PlannedFault Plan { get; } = plan;

    /// <summary>The process that it struck; null for none.</summary>
    public int? ProcessId { get; set; }

    /// <summary>Steps that were decided when it struck; null while it has not.</summary>
    public long? Decided { get; private set; }

    /// <summary>When it struck, from the run's start.</summary>
    public TimeSpan At { get; private set; }

    /// <summary>Why it did not strike.</summary>
    public string? Miss { get; set; }

    /// <summary>Steps that were made once more.</summary>
    public long Replayed { get; set; }

    /// <summary>Leaves of a step that others had to compute; null where that is not known.</summary>
    public int? LeavesGiven { get; set; }

    /// <summary>Whether others computed the worker's leaves too when it struck, so that theirs may have come first.</summary>
    public bool MayBeOutdone { get; set; }

    /// <summary>Steps decided and time of each moment at which that was seen to rise.</summary>
    public void Strikes(long decided, TimeSpan at) => (Decided, At, Miss) = (decided, at, null);
}
