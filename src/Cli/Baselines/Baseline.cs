using System.Globalization;

namespace Lockstep.Cli.Baselines;

/// <summary>What a forecast that needs no network reaches on a job's validation part.</summary>
/// <param name="Name">What it forecasts.</param>
/// <param name="Values">Metrics by the names that a job has for them.</param>
/// <param name="Remark">What else is to be known; null for nothing.</param>
internal sealed record Baseline(string Name, IReadOnlyList<(string Metric, double Value)> Values, string? Remark = null)
{
    /// <summary>A line of a report.</summary>
    /// <param name="width">Room for the name.</param>
    public string Line(int width)
    {
        string values = string.Join("  ", Values.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Metric} {pair.Value:G6}")));
        return $"{Name.PadRight(width)}  {values}{(Remark is null ? "" : $"  ({Remark})")}";
    }
}
