using System.Globalization;
using Lockstep.Simulation.Clusters;
using Lockstep.Simulation.Costs;
using Lockstep.Simulation.Steps;

namespace Lockstep.Simulation.Forecasts;

/// <summary>A change to a cluster, and what it would bring.</summary>
/// <param name="What">The change, in words.</param>
/// <param name="Prediction">The step with it.</param>
/// <param name="Gain">How many times as fast a step is.</param>
public sealed record Remedy(string What, StepPrediction Prediction, double Gain);

/// <summary>Tries what could make a cluster faster, one change at a time.</summary>
public static class Remedies
{
    /// <summary>What makes less difference is not worth saying.</summary>
    public const double WorthwhileGain = 1.05;

    /// <summary>The changes that are worth it, the best first.</summary>
    /// <param name="shape">The job.</param>
    /// <param name="costs">What its parts cost.</param>
    /// <param name="present">The cluster as it is.</param>
    public static IReadOnlyList<Remedy> For(StepShape shape, StepCosts costs, StepPrediction present) =>
    [
        .. Changes(present.Cluster, shape)
            .Select(change => (change.What, Prediction: StepSimulation.Run(shape, costs, change.Cluster)))
            .Select(tried => new Remedy(tried.What, tried.Prediction, present.Seconds / tried.Prediction.Seconds))
            .Where(remedy => remedy.Gain >= WorthwhileGain)
            .OrderByDescending(remedy => remedy.Gain),
    ];

    private static IEnumerable<(string What, ClusterSpec Cluster)> Changes(ClusterSpec cluster, StepShape shape)
    {
        yield return ("workers that compute twice as fast", cluster with { ComputeSpeed = cluster.ComputeSpeed * 2 });
        if (cluster.OneMachine)
        {
            yield return (Words($"{cluster.Cores * 2} processors"), cluster with { Cores = cluster.Cores * 2 });
            yield break;
        }
        foreach (int servers in new[] { cluster.Servers * 2, cluster.Servers * 4 }.Where(servers => servers <= shape.Layout.Blocks.Count))
            yield return (Words($"the parameter server spread over {servers} machines"), cluster with { Servers = servers });
        int cores = cluster.CoordinatorCores ?? cluster.Cores;
        yield return (Words($"{cores * 2} processors at the coordinator"), cluster with { CoordinatorCores = cores * 2 });
        if (!double.IsPositiveInfinity(cluster.BytesPerSecond))
        {
            double doubled = cluster.BytesPerSecond * 2;
            yield return ($"links of {Quantity.Bandwidth(doubled)} everywhere", cluster with { BytesPerSecond = doubled, CoordinatorBytesPerSecond = null });
            yield return ($"a link of {Quantity.Bandwidth(doubled)} at the coordinator alone", cluster with { CoordinatorBytesPerSecond = doubled });
        }
        if (cluster.LatencySeconds > 0)
            yield return ($"a latency of {Quantity.Time(cluster.LatencySeconds / 2)}", cluster with { LatencySeconds = cluster.LatencySeconds / 2 });
    }

    private static string Words(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
