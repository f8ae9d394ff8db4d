using System.Globalization;
using Lockstep.Coordinator.Running;

namespace Lockstep.Cli.Screen;

/// <summary>What stands under a run that has ended: outcome, metrics, checkpoint, hashes. Its lines are for people and for scripts.</summary>
public static class EndSummary
{
    /// <summary>The lines, in order; those of the hashes start with <c>model sha256</c> and <c>state sha256</c>.</summary>
    public static IEnumerable<string> Lines(RunProgress progress, RunEnded end, TimeSpan elapsed)
    {
        yield return string.Create(
            CultureInfo.InvariantCulture, $"{Outcome(end)} after {Wording.Count(end.Steps)} steps, {Wording.Duration(elapsed)}");
        if (end.Explanation is not null)
            yield return end.Explanation;
        foreach (MetricValue metric in end.Metrics)
            yield return $"{metric.Name} {Wording.Metric(metric.Value)}";
        if (end.Outcome == RunOutcome.Superseded)
            yield break;
        yield return end.Checkpoint is null ? "no checkpoint was written" : $"checkpoint {end.Checkpoint}";
        if (end.ModelSha256 is not null)
            yield return $"model sha256 {end.ModelSha256}";
        if (end.StateSha256 is not null)
            yield return $"state sha256 {end.StateSha256}";
        if (end.Outcome is RunOutcome.Interrupted or RunOutcome.Failed && end.Checkpoint is not null && progress.Run is { } run)
            yield return $"go on with: lockstep train --resume {run.RunDirectory}";
    }

    private static string Outcome(RunEnded end) => end.Outcome switch
    {
        RunOutcome.Completed => "completed",
        RunOutcome.TargetMissed => "target missed",
        RunOutcome.Interrupted => "interrupted",
        RunOutcome.Failed => "failed",
        RunOutcome.Superseded => "superseded by another coordinator",
        _ => end.Outcome.ToString(),
    };
}
