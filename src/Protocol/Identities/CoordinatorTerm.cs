namespace Lockstep.Protocol.Identities;

/// <summary>
/// Who leads a run, and since when: the term rises with every coordinator that takes over, so of two that claim the
/// same run the higher term is right, and no two share one.
/// </summary>
/// <param name="Term">1 for the first coordinator of a run.</param>
/// <param name="CoordinatorId">Drawn anew by every coordinator process.</param>
public readonly record struct CoordinatorTerm(long Term, Guid CoordinatorId)
{
    /// <summary>
    /// Whether a worker that follows this coordinator may follow another: never at a lower term, and at one term only the
    /// first that it met.
    /// </summary>
    public bool MayGiveWayTo(CoordinatorTerm other) =>
        other.Term > Term
        || (other.Term == Term && (other.CoordinatorId == CoordinatorId || !Safety.Holds(SafetyRule.OneLeaderATerm)))
        || (other.Term < Term && !Safety.Holds(SafetyRule.NeverGoBack));

    public override string ToString() => $"term {Term}";
}
