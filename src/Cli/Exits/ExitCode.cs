using Lockstep.Coordinator.Running;
using Lockstep.Coordinator.Succession;

namespace Lockstep.Cli.Exits;

/// <summary>What the process returns.</summary>
public static class ExitCode
{
    public const int Ok = 0;
    public const int FailedRun = 1;
    public const int BadInput = 2;
    public const int TargetMissed = 3;

    /// <summary>Another coordinator leads the run: starting this one again would only end the same way.</summary>
    public const int Superseded = 4;

    /// <summary>A signal adds its number to this, as shells do: 130 for SIGINT, 143 for SIGTERM.</summary>
    public const int SignalBase = 128;

    /// <summary>The code of a run.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="signal">The signal that interrupted it, if one did.</param>
    public static int Of(RunOutcome outcome, int? signal) => outcome switch
    {
        RunOutcome.Completed => Ok,
        RunOutcome.TargetMissed => TargetMissed,
        RunOutcome.Superseded => Superseded,
        RunOutcome.Interrupted => signal is { } number ? SignalBase + number : FailedRun,
        _ => FailedRun,
    };

    /// <summary>The code of a standby.</summary>
    /// <param name="end">How its watch ended.</param>
    /// <param name="signal">The signal that interrupted it, if one did.</param>
    public static int Of(StandbyEnd end, int? signal) => end switch
    {
        { Run: { } run } => Of(run.Outcome, signal),
        { Outcome: StandbyOutcome.RunEnded or StandbyOutcome.Left } => Ok,
        { Outcome: StandbyOutcome.Refused } => BadInput,
        _ => FailedRun,
    };
}
