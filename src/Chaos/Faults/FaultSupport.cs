using Lockstep.Chaos.Driving;
using Lockstep.Chaos.Processes;

namespace Lockstep.Chaos.Faults;

/// <summary>What this machine and this job allow.</summary>
/// <param name="Signals">Whether processes can be stopped and continued.</param>
/// <param name="Disk">Why a disk of its own cannot be had for a run; null where it can.</param>
/// <param name="SkipsNonFinite">Whether the job leaves steps out that are not finite, so that a NaN makes another model.</param>
public sealed record FaultSupport(bool Signals, string? Disk, bool SkipsNonFinite)
{
    /// <summary>What this machine allows.</summary>
    /// <param name="skipsNonFinite">Whether the job leaves steps out that are not finite.</param>
    public static FaultSupport Here(bool skipsNonFinite) => new(PosixSignals.AreThere, RunDisk.Obstacle(), skipsNonFinite);

    /// <summary>Why a fault cannot be made here; null where it can.</summary>
    public string? Obstacle(FaultKind kind) => kind switch
    {
        FaultKind.Pause or FaultKind.Slow when !Signals => "this system has no SIGSTOP",
        FaultKind.FullDisk => Disk,
        FaultKind.NonFinite when SkipsNonFinite => "the job says onNonFinite: skip, so a NaN rightly makes another model",
        _ => null,
    };

    /// <summary>Divides what was asked for into what is possible and what is not.</summary>
    /// <param name="asked">The kinds that were asked for.</param>
    public (IReadOnlyList<FaultKind> Possible, IReadOnlyList<(FaultKind Kind, string Reason)> Skipped) Divide(IReadOnlySet<FaultKind> asked)
    {
        FaultKind[] inOrder = [.. FaultCatalogue.Kinds.Where(asked.Contains)];
        return (
            [.. inOrder.Where(kind => Obstacle(kind) is null)],
            [.. inOrder.Where(kind => Obstacle(kind) is not null).Select(kind => (kind, Obstacle(kind)!))]);
    }
}
