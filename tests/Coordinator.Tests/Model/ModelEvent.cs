namespace Lockstep.Coordinator.Tests.Model;

internal enum EventKind
{
    // What happens by itself.
    Join = 0,
    VersionArrives,
    HoldArrives,
    ViewArrives,
    Compute,
    ComputeHalves,
    ContributionArrives,
    LossSeen,
    LossSeenAndRestLost,
    CheckpointWritten,
    PeerAnswers,
    Resume,
    ViewsSentAgain,
    Replaced,

    // Trouble.
    Crash,
    Disconnect,
    DuplicateContribution,
    DuplicateView,
    LoseView,
    LosePower,
    LosePowerAndLines,
    TakeOver,
    LateViewArrives,
    Stray,
    Contradict,
    Damage,
    Measure,
    Rebalance,
}

/// <summary>One thing that may happen next.</summary>
/// <param name="Kind">What.</param>
/// <param name="Subject">To whom: a worker's process, a coordinator, a session or a message, by its place.</param>
/// <param name="Choice">Which one, or how.</param>
internal readonly record struct ModelEvent(EventKind Kind, int Subject, int Choice = 0)
{
    public bool IsTrouble => Kind >= EventKind.Crash;

    public override string ToString() => $"{Kind}({Subject}, {Choice})";
}
