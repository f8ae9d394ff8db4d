namespace Lockstep.Protocol;

/// <summary>
/// The rules by which a step closes once, to one model. Each is an <c>if</c> of the product that asks <see cref="Safety"/>; <c>docs/safety-rules.md</c> says what breaks without it.
/// </summary>
internal enum SafetyRule
{
    /// <summary>A contribution of another run is refused.</summary>
    RefuseOtherRun = 0,

    /// <summary>A contribution of a lower term is refused.</summary>
    RefuseLowerTerm,

    /// <summary>A coordinator that is sent a contribution of a higher term stops.</summary>
    StopAtHigherTerm,

    /// <summary>A contribution of a step that is not open yet is refused.</summary>
    RefuseFutureStep,

    /// <summary>A contribution of a step that is decided is ignored.</summary>
    IgnoreOlderStep,

    /// <summary>A contribution whose leaves have all arrived is ignored.</summary>
    IgnoreCovered,

    /// <summary>Leaves that are no node of the tree are refused.</summary>
    RefuseForeignNode,

    /// <summary>A channel that is no part of the step is refused.</summary>
    RefuseForeignChannel,

    /// <summary>Two copies of one node with other bits stop the run.</summary>
    StopAtConflict,

    /// <summary>A step closes only when each of its channels is whole.</summary>
    NeedEveryChannel,

    /// <summary>A channel is whole only when every leaf is in its sum.</summary>
    NeedEveryLeaf,

    /// <summary>Only siblings are added.</summary>
    AddSiblingsOnly,

    /// <summary>The left sibling is the first operand.</summary>
    AddLeftBeforeRight,

    /// <summary>A node takes the place of smaller ones that it covers.</summary>
    ReplaceSmallerNodes,

    /// <summary>A step that was open is never opened again.</summary>
    OpenForwardOnly,

    /// <summary>What a worker leaves behind is given away within the present step.</summary>
    GiveAwayAtOnce,

    /// <summary>Numbers of views go on rising when all workers have gone.</summary>
    RaiseViewNumbers,

    /// <summary>Of the views that have begun, a worker follows the one with the highest number, in whatever order they come.</summary>
    FollowNewestView,

    /// <summary>A worker begins a step only when it has the view that the version names.</summary>
    AwaitNamedView,

    /// <summary>A coordinator leads at a term above all that its directory and its workers know.</summary>
    LeadAboveAllKnown,

    /// <summary>A coordinator that hears of a higher term stands down.</summary>
    StandDownForHigherTerm,

    /// <summary>A term is on disk before anybody is told.</summary>
    RecordTermFirst,

    /// <summary>Once training has begun a coordinator's term rises no more.</summary>
    FixTermAtStart,

    /// <summary>A worker never follows a coordinator at a lower term than it has worked for.</summary>
    NeverGoBack,

    /// <summary>A worker follows one coordinator at a term, the first that it met.</summary>
    OneLeaderATerm,

    /// <summary>A worker takes parameters and views of its own run and term alone.</summary>
    TakeOwnTermOnly,

    /// <summary>The memory of a version is used anew only when nobody reads it.</summary>
    PinVersions,

    /// <summary>A gradient or an update that is not finite is never committed without a word.</summary>
    UpdateFiniteOnly,

    /// <summary>A standby follows whoever leads.</summary>
    FollowWhoLeads,

    /// <summary>A standby without the data does not lead.</summary>
    LeadOnlyWhenReady,

    /// <summary>A standby leads only when all before it are gone.</summary>
    WaitForPredecessors,

    /// <summary>Silence proves no end.</summary>
    TrustNoSilence,

    /// <summary>A coordinator that is cut off from everybody stands down.</summary>
    StandDownWhenCutOff,

    /// <summary>A worker gives up no node of the cluster.</summary>
    WorkersJudgeNobody,

    /// <summary>As long as the coordinator is heard, it alone gives up nodes.</summary>
    LeaveJudgingToOldest,

    /// <summary>The coordinator is given up only where it alone is gone.</summary>
    GiveUpOldestAlone,

    /// <summary>What a node thought of others while it stood still itself does not count.</summary>
    ForgetOwnPause,

    /// <summary>A checkpoint is gone on from only when every file has its hash.</summary>
    VerifyHashes,

    /// <summary>A run is resumed only with its job, its data and its arithmetic.</summary>
    ResumeSameOnly,

    /// <summary>A run that is resumed cuts its step log back to the checkpoint.</summary>
    CutLogBack,

    /// <summary>A replayed step must have the loss that it had.</summary>
    RequireSameLoss,

    /// <summary>A standby takes checkpoints of its run, job and step alone.</summary>
    TakeOwnReplicasOnly,
}

/// <summary>
/// Whether a rule is in force: always, but where a test shows what breaks without one. Nothing outside the tests can switch a rule off: neither an option nor the environment is read.
/// </summary>
internal static class Safety
{
    private static readonly AsyncLocal<SafetyRule?> OffHere = new();
    private static SafetyRule? _offEverywhere;
    private static volatile bool _everSwitched;

    /// <summary>Whether a rule is in force. In a process that has never switched one off this reads one flag.</summary>
    public static bool Holds(SafetyRule rule) => !_everSwitched || (_offEverywhere != rule && OffHere.Value != rule);

    /// <summary>Switches a rule off for what the caller does, and the threads that it starts, until the result is disposed of.</summary>
    public static IDisposable Without(SafetyRule rule)
    {
        _everSwitched = true;
        OffHere.Value = rule;
        return new Restoration();
    }

    /// <summary>Switches a rule off for the whole process.</summary>
    public static void SwitchOff(SafetyRule rule)
    {
        _offEverywhere = rule;
        _everSwitched = true;
    }

    private sealed class Restoration : IDisposable
    {
        public void Dispose() => OffHere.Value = null;
    }
}
