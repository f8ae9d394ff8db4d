using Lockstep.Protocol;
using Lockstep.Protocol.Identities;

namespace Lockstep.Coordinator.Terms;

/// <summary>Which term a coordinator leads at, and when it must stand down. Pure.</summary>
public static class TermRule
{
    /// <summary>The highest term: the keys of the data plane have four bytes for it.</summary>
    public const long Highest = uint.MaxValue;

    /// <summary>
    /// The term of a new coordinator: one above the highest that anybody knows. Given before the first view, and synced to disk first.
    /// </summary>
    /// <param name="recorded">The highest in the run directory; 0 where it is new.</param>
    /// <param name="known">What registering workers and standbys have seen of this run.</param>
    /// <exception cref="ArgumentOutOfRangeException">Somebody claims a term above which there is none.</exception>
    public static long Next(long recorded, IEnumerable<long> known)
    {
        long highest = Math.Max(recorded, known.DefaultIfEmpty().Max());
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(highest, Highest, nameof(known));
        return Safety.Holds(SafetyRule.LeadAboveAllKnown) ? highest + 1 : Math.Max(highest, 1);
    }

    /// <summary>Whether a coordinator must stop because somebody leads, or has led, at a higher term.</summary>
    public static bool MustStop(CoordinatorTerm own, long seen) => seen > own.Term && Safety.Holds(SafetyRule.StandDownForHigherTerm);

    /// <summary>Whether a coordinator gives way to another one that leads its run. At one term the smaller identity stays: both ask each other, and both decide alike.</summary>
    public static bool IsSuperseded(CoordinatorTerm own, CoordinatorTerm other) =>
        MustStop(own, other.Term) || (other.Term == own.Term && other.CoordinatorId.CompareTo(own.CoordinatorId) < 0);
}
