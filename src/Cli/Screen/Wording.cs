using System.Globalization;
using Lockstep.Coordinator.Running;

namespace Lockstep.Cli.Screen;

/// <summary>How numbers and states read, on every screen alike and in every culture.</summary>
internal static class Wording
{
    public static string Loss(double value) => Metric(value);

    // Errors of small numbers, of daily returns for instance, would be nothing but zeros with four decimals.
    public static string Metric(double value) => value.ToString(Math.Abs(value) is > 0 and < 0.001 ? "G3" : "0.0000", CultureInfo.InvariantCulture);

    public static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Rate(double? perSecond) => perSecond switch
    {
        null => "…",
        >= 10_000_000 => string.Create(CultureInfo.InvariantCulture, $"{perSecond.Value / 1e6:0.0}M"),
        >= 10_000 => string.Create(CultureInfo.InvariantCulture, $"{perSecond.Value / 1e3:0.0}k"),
        >= 100 => perSecond.Value.ToString("0", CultureInfo.InvariantCulture),
        _ => perSecond.Value.ToString("0.0", CultureInfo.InvariantCulture),
    };

    public static string Duration(TimeSpan? time) => time switch
    {
        null => "…",
        { TotalDays: >= 1 } t => string.Create(CultureInfo.InvariantCulture, $"{t.Days}d {t.Hours}h"),
        { TotalHours: >= 1 } t => string.Create(CultureInfo.InvariantCulture, $"{t.Hours}h {t.Minutes:00}m"),
        { TotalMinutes: >= 1 } t => string.Create(CultureInfo.InvariantCulture, $"{t.Minutes}m {t.Seconds:00}s"),
        { TotalSeconds: >= 10 } t => string.Create(CultureInfo.InvariantCulture, $"{t.TotalSeconds:0}s"),
        { } t => string.Create(CultureInfo.InvariantCulture, $"{t.TotalSeconds:0.0}s"),
    };

    public static string Metrics(IReadOnlyList<MetricValue> metrics) =>
        string.Join(", ", metrics.Select(metric => $"{metric.Name} {Metric(metric.Value)}"));

    public static string State(WorkerState state) => state switch
    {
        WorkerState.Joining => "joining",
        WorkerState.Training => "training",
        WorkerState.Leaving => "leaving",
        WorkerState.Lost => "lost",
        WorkerState.Refused => "refused",
        WorkerState.Late => "late",
        _ => state.ToString(),
    };

    public static string Standing(StandingBy standing) => string.Create(
        CultureInfo.InvariantCulture, $"standing by for {standing.Name} of {standing.Leader}, term {standing.Term}; checkpoints go to {standing.RunDirectory}");

    public static string Waiting(WaitingForWorkers waiting) => waiting.Present == 0
        ? string.Create(CultureInfo.InvariantCulture, $"waiting for workers: none yet, {waiting.Minimum} needed")
        : string.Create(CultureInfo.InvariantCulture, $"waiting for workers: {waiting.Present} of {waiting.Minimum}");
}
