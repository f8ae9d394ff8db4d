namespace Lockstep.Engine.Threading;

/// <summary>Work that every member of a <see cref="ComputeCrew"/> does a part of.</summary>
public interface ICrewJob
{
    /// <summary>Does one member's part. All members run at the same time, so parts must not write what others touch.</summary>
    /// <param name="member">Which member this is; 0 is the thread that called <see cref="ComputeCrew.Run{TJob}"/>.</param>
    /// <param name="members">How many there are.</param>
    void Execute(int member, int members);
}
