using Lockstep.Chaos.Driving;
using Lockstep.Chaos.Logs;
using Lockstep.Chaos.Schedules;

namespace Lockstep.Chaos.Campaigns;

/// <summary>What a run says of the promise.</summary>
public enum VerdictKind
{
    /// <summary>Every bit is the same, and each step was committed once.</summary>
    Same = 0,

    /// <summary>The promise is broken, or the run hung or failed.</summary>
    Broken = 1,

    /// <summary>Too few faults struck while steps were made: it says nothing.</summary>
    TooFew = 2,
}

/// <summary>What the undisturbed run reached.</summary>
/// <param name="Ending">How it ended.</param>
/// <param name="Log">Its step log.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record Reference(RunEnding Ending, StepLog Log, double Seconds);

/// <summary>The judgement over one run.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Reason">What is wrong, in words; null where nothing is.</param>
public sealed record Verdict(VerdictKind Kind, string? Reason)
{
    /// <summary>Judges a run by the undisturbed one; whatever is broken is broken, however few faults struck.</summary>
    public static Verdict Of(RunObservation run, Reference undisturbed, long steps)
    {
        if (Difference(run, undisturbed) is { } broken)
            return new Verdict(VerdictKind.Broken, broken);
        int struck = run.Faults.Count(fault => fault.StruckAt is { } at && at < steps);
        return struck < Schedule.LeastStruck
            ? new Verdict(VerdictKind.TooFew, $"{struck} faults struck while steps were made, and {Schedule.LeastStruck} are needed")
            : new Verdict(VerdictKind.Same, null);
    }

    private static string? Difference(RunObservation run, Reference undisturbed) =>
        run.Failure is not null ? run.Failure
        : run.Ending is null ? "the run did not end"
        : run.Ending.ExitCode != undisturbed.Ending.ExitCode ? $"the coordinator ended with exit code {run.Ending.ExitCode} instead of {undisturbed.Ending.ExitCode}"
        : run.Ending.ModelSha256 != undisturbed.Ending.ModelSha256 ? $"model sha256 {run.Ending.ModelSha256 ?? "none"} instead of {undisturbed.Ending.ModelSha256}"
        : run.Ending.StateSha256 != undisturbed.Ending.StateSha256 ? $"state sha256 {run.Ending.StateSha256 ?? "none"} instead of {undisturbed.Ending.StateSha256}"
        : run.Log is null ? "the step log cannot be read"
        : run.Log.DifferenceFrom(undisturbed.Log);
}
