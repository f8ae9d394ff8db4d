using Lockstep.Simulation.Clusters;
using Lockstep.Simulation.Timing;

namespace Lockstep.Simulation.Steps;

/// <summary>What a step would take.</summary>
/// <param name="Cluster">Where.</param>
/// <param name="Samples">Samples of a step.</param>
/// <param name="Seconds">From one decided step to the next.</param>
/// <param name="PathSeconds">By activity: its part of the critical path. They add up to <paramref name="Seconds"/>.</param>
/// <param name="BytesIn">Bytes that a step brings to the parameter server, headers included; of all its machines together.</param>
/// <param name="BytesOut">Bytes that a step sends out from it, headers included.</param>
public sealed record StepPrediction(ClusterSpec Cluster, int Samples, double Seconds, IReadOnlyList<double> PathSeconds, double BytesIn, double BytesOut)
{
    /// <summary>What most of the critical path is spent on.</summary>
    public Activity Bottleneck => Activities.All.MaxBy(activity => PathSeconds[(int)activity]);

    /// <summary>Samples a second.</summary>
    public double Throughput => Samples / Seconds;

    /// <summary>The part of the critical path that an activity takes, 0 to 1.</summary>
    public double ShareOf(Activity activity) => PathSeconds[(int)activity] / Seconds;
}
