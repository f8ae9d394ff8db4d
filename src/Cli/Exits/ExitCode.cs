using Lockstep.Coordinator.Running;

namespace Lockstep.Cli.Exits;

/// <summary>What the process returns.</summary>
public static class ExitCode
{
    public const int Ok = 0;
    public const int FailedRun = 1;
    public const int BadInput = 2;
    public const int TargetMissed = 3;

    /// <summary>A signal adds its number to this, as shells do: 130 for SIGINT, 143 for SIGTERM.</summary>
    public const int SignalBase = 128;

    /// <summary>The code of a run.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="signal">The signal that interrupted it, if one did.</param>
    public static int Of(RunOutcome outcome, int? signal) => outcome switch
    {
        RunOutcome.Completed => Ok,
        RunOutcome.TargetMissed => TargetMissed,
        RunOutcome.Interrupted => signal is { } number ? SignalBase + number : FailedRun,
        _ => FailedRun,
    };
}
