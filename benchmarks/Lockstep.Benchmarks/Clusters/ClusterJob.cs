using System.Globalization;

namespace Lockstep.Benchmarks.Clusters;

/// <summary>What a cluster is to do.</summary>
/// <param name="JobFile">The job.</param>
/// <param name="Workers">Worker processes, of one compute thread each.</param>
/// <param name="Options">What the command that leads the run takes beside: steps, settings, where the run directory goes.</param>
internal sealed record ClusterJob(string JobFile, int Workers, IReadOnlyList<string> Options)
{
    public string WorkersText => Workers.ToString(CultureInfo.InvariantCulture);
}
