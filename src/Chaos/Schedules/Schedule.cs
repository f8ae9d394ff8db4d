using Lockstep.Chaos.Faults;

namespace Lockstep.Chaos.Schedules;

/// <summary>How numbers travel between the processes of a run.</summary>
public enum Exchange
{
    /// <summary>TCP, through a proxy at each worker.</summary>
    Tcp = 0,

    /// <summary>Memory that the processes share, with words over a Unix domain socket.</summary>
    SharedMemory = 1,
}

/// <summary>What is done to one run, and when: all that is needed to do it again.</summary>
/// <param name="Seed">The campaign's seed.</param>
/// <param name="Run">Which run of the campaign, from 1.</param>
/// <param name="Attempt">0, or how often it was drawn anew because too little had struck.</param>
/// <param name="Workers">Workers that the run begins with.</param>
/// <param name="Exchange">How numbers travel.</param>
/// <param name="Faults">The faults by their steps.</param>
public sealed record Schedule(ulong Seed, int Run, int Attempt, int Workers, Exchange Exchange, IReadOnlyList<PlannedFault> Faults)
{
    /// <summary>Most workers that a run may begin with.</summary>
    public const int MostWorkers = 64;

    /// <summary>Faults that must strike while steps are made for a run to count.</summary>
    public const int LeastStruck = 3;

    /// <summary>Whether a standby stands by.</summary>
    public bool HasStandby => Faults.Any(fault => fault.Kind == FaultKind.Takeover);

    public bool Equals(Schedule? other) =>
        other is not null && (Seed, Run, Attempt, Workers, Exchange) == (other.Seed, other.Run, other.Attempt, other.Workers, other.Exchange)
        && Faults.SequenceEqual(other.Faults);

    public override int GetHashCode() => HashCode.Combine(Seed, Run, Attempt, Workers, Exchange, Faults.Count);
}
