using Lockstep.Protocol.Identities;

namespace Lockstep.Coordinator.Terms;

/// <summary>Which term a coordinator leads at, and when it must stand down. Pure.</summary>
public static class TermRule
{
    /// <summary>
    /// The term of a new coordinator: one above the highest that anybody knows. Given before the first view, and synced to disk first.
    /// </summary>
    /// <param name="recorded">The highest in the run directory; 0 where it is new.</param>
    /// <param name="known">What registering workers and standbys have seen of this run.</param>
    public static long Next(long recorded, IEnumerable<long> known) => checked(Math.Max(recorded, known.DefaultIfEmpty().Max()) + 1);

    /// <summary>Whether a coordinator must stop because somebody leads, or has led, at a higher term.</summary>
    public static bool MustStop(CoordinatorTerm own, long seen) => seen > own.Term;

    /// <summary>
    /// Whether a worker follows a coordinator: never to a lower term than it has seen, and at one term only the first that it met.
    /// </summary>
    public static bool Follows(CoordinatorTerm known, CoordinatorTerm offered) =>
        offered.Term > known.Term || (offered.Term == known.Term && offered.CoordinatorId == known.CoordinatorId);
}
