namespace Lockstep.Coordinator.Steps;

/// <summary>What the ledger says of a contribution.</summary>
public enum Verdict
{
    /// <summary>It is part of the step.</summary>
    Accepted = 0,

    /// <summary>Its step is decided: ignored and counted.</summary>
    OlderStep = 1,

    /// <summary>Its leaves are covered, with the same bits where they can be compared: ignored and counted.</summary>
    AlreadyCovered = 2,

    /// <summary>The very node came with other bits before: a machine or a build is broken.</summary>
    Conflict = 3,

    /// <summary>Refused: another run's.</summary>
    OtherRun = 4,

    /// <summary>Refused, and answered with the present term.</summary>
    LowerTerm = 5,

    /// <summary>Refused: somebody leads at a higher term, so this coordinator must stop.</summary>
    HigherTerm = 6,

    /// <summary>Refused: no parameters of that version exist yet.</summary>
    FutureStep = 7,

    /// <summary>Refused: the step has no such channel.</summary>
    UnknownChannel = 8,

    /// <summary>Refused: no node of the tree has these leaves.</summary>
    NoNode = 9,
}

public static class Verdicts
{
    /// <summary>Whether the contribution is an error of its sender, not merely late.</summary>
    public static bool IsRefusal(this Verdict verdict) => verdict >= Verdict.OtherRun;
}
