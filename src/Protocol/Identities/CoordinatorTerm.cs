namespace Lockstep.Protocol.Identities;

/// <summary>
/// Who leads a run, and since when: the term rises with every coordinator that takes over, so of two that claim the
/// same run the higher term is right, and no two share one.
/// </summary>
/// <param name="Term">1 for the first coordinator of a run.</param>
/// <param name="CoordinatorId">Drawn anew by every coordinator process.</param>
public readonly record struct CoordinatorTerm(long Term, Guid CoordinatorId)
{
    public override string ToString() => $"term {Term}";
}
