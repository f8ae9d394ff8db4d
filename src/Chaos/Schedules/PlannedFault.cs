using System.Globalization;
using Lockstep.Chaos.Faults;

namespace Lockstep.Chaos.Schedules;

/// <summary>One fault of a schedule. Of the numbers, only those count that its kind has (<see cref="FaultCatalogue.FieldsOf"/>); the others are 0.</summary>
/// <param name="Kind">What happens.</param>
/// <param name="Step">It strikes as soon as so many steps are decided.</param>
public sealed record PlannedFault(FaultKind Kind, long Step)
{
    /// <summary>The worker that it strikes, by its place from 0.</summary>
    public int Target { get; init; }

    /// <summary>How long it lasts, in milliseconds; of a coordinator's end, how long nobody leads.</summary>
    public int Milliseconds { get; init; }

    /// <summary>Which way the bytes go.</summary>
    public LinkDirection Direction { get; init; }

    /// <summary>
    /// slow: percent of the time that the worker runs; cut, duplicate, flip: bytes that go through before; delay: milliseconds for each
    /// piece of up to 64 KiB; throttle: bytes a second; checkpoint-damage: which byte, counted round; clock: seconds that it jumps.
    /// </summary>
    public int Amount { get; init; }

    /// <summary>flip, checkpoint-damage: which bit, from 0; -1 cuts a checkpoint's file off at that byte instead.</summary>
    public int Bit { get; init; }

    /// <summary>throw, non-finite: the layer's index.</summary>
    public int Layer { get; init; }

    /// <summary>throw, non-finite: which of the worker's leaves, counted round.</summary>
    public int Leaf { get; init; }

    /// <summary>What happens, in words.</summary>
    public override string ToString() => Kind switch
    {
        FaultKind.Kill => Text($"kill worker {Target}"),
        FaultKind.Pause => Text($"pause worker {Target} for {Milliseconds} ms"),
        FaultKind.Slow => Text($"slow worker {Target} down to {Amount} % for {Milliseconds} ms"),
        FaultKind.Join => "another worker joins",
        FaultKind.Throw => Text($"worker {Target} throws in layer {Layer}, at its leaf {Leaf}"),
        FaultKind.CoordinatorKill => Text($"kill the coordinator, nobody leads for {Milliseconds} ms"),
        FaultKind.Cut => Text($"cut worker {Target} off after {Amount} more bytes {Way}"),
        FaultKind.Delay => Text($"delay {Way} worker {Target} by {Amount} ms for {Milliseconds} ms"),
        FaultKind.Throttle => Text($"throttle {Way} worker {Target} to {Amount} bytes/s for {Milliseconds} ms"),
        FaultKind.Duplicate => Text($"bytes {Way} worker {Target} come twice, after {Amount} more"),
        FaultKind.Flip => Text($"bit {Bit} flips {Way} worker {Target}, after {Amount} more bytes"),
        FaultKind.Partition => Text($"nothing {Way} worker {Target} for {Milliseconds} ms"),
        FaultKind.FullDisk => Text($"the disk is full for {Milliseconds} ms"),
        FaultKind.CheckpointDamage => Text($"{(Bit < 0 ? "cut the newest checkpoint off" : "flip a bit of the newest checkpoint")} at byte {Amount}, kill the coordinator"),
        FaultKind.Clock => Text($"the clock jumps by {Amount} s"),
        FaultKind.NonFinite => Text($"worker {Target} makes a NaN in layer {Layer}, at its leaf {Leaf}"),
        FaultKind.Takeover => "kill the coordinator, a standby leads on",
        _ => FaultCatalogue.NameOf(Kind),
    };

    private string Way => Direction switch
    {
        LinkDirection.ToCoordinator => "from",
        LinkDirection.ToWorker => "to",
        _ => "from and to",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
