using Lockstep.Chaos.Schedules;

namespace Lockstep.Chaos.Driving;

/// <summary>What came of one planned fault.</summary>
/// <param name="Fault">The fault.</param>
/// <param name="StruckAt">Steps that were decided when it struck; null where it did not.</param>
/// <param name="Miss">Why it did not.</param>
/// <param name="Pause">The longest time without a decided step from then until the next fault struck, in seconds.</param>
/// <param name="Replayed">Steps that were made once more.</param>
/// <param name="LeavesGiven">Leaves of a step that others had to compute; null where that is not known.</param>
public sealed record FaultOutcome(PlannedFault Fault, long? StruckAt, string? Miss, double Pause, long Replayed, int? LeavesGiven);

/// <summary>How a run ended.</summary>
/// <param name="ExitCode">The coordinator's.</param>
/// <param name="ModelSha256">The hash of the model; null where none was written.</param>
/// <param name="StateSha256">The hash over the optimizer's and the carried state too.</param>
public sealed record RunEnding(int ExitCode, string? ModelSha256, string? StateSha256);

/// <summary>What was seen of a run.</summary>
/// <param name="Ending">How it ended; null where it did not.</param>
/// <param name="Log">Its step log; null where it cannot be read.</param>
/// <param name="Failure">What went wrong beside hashes and log; null for nothing.</param>
/// <param name="Faults">What came of each fault.</param>
/// <param name="Seconds">How long it took.</param>
/// <param name="WorkersEnded">Worker processes that ended before the run did.</param>
public sealed record RunObservation(
    RunEnding? Ending, Logs.StepLog? Log, string? Failure, IReadOnlyList<FaultOutcome> Faults, double Seconds, int WorkersEnded);
