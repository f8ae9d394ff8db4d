using Lockstep.Simulation.Clusters;
using Lockstep.Simulation.Costs;
using Lockstep.Simulation.Steps;

namespace Lockstep.Simulation.Forecasts;

/// <summary>One cluster of a forecast.</summary>
/// <param name="Prediction">Its step.</param>
/// <param name="SpeedUp">How many times as fast as one worker with one server in the same surroundings.</param>
public sealed record ForecastRow(StepPrediction Prediction, double SpeedUp)
{
    /// <summary>Speed-up by worker: 1 where none of them is in vain.</summary>
    public double Efficiency => SpeedUp / Prediction.Cluster.Workers;
}

/// <summary>What more workers would bring.</summary>
public static class ScalingForecast
{
    /// <summary>Simulates clusters of every size.</summary>
    /// <param name="shape">The job.</param>
    /// <param name="costs">What its parts cost.</param>
    /// <param name="cluster">The machines; how many is left to the next two.</param>
    /// <param name="workers">Numbers of workers.</param>
    /// <param name="servers">Numbers of machines for the parameter server; each is combined with each number of workers.</param>
    public static IReadOnlyList<ForecastRow> Of(StepShape shape, StepCosts costs, ClusterSpec cluster, IEnumerable<int> workers, IReadOnlyCollection<int> servers)
    {
        double alone = StepSimulation.Run(shape, costs, cluster with { Workers = 1, Servers = 1 }).Seconds;
        return
        [
            .. from count in workers
               from spread in servers
               let prediction = StepSimulation.Run(shape, costs, cluster with { Workers = count, Servers = spread })
               select new ForecastRow(prediction, alone / prediction.Seconds),
        ];
    }
}
