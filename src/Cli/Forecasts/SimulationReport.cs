using System.Globalization;
using Lockstep.Cli.Screen;
using Lockstep.Simulation.Clusters;
using Lockstep.Simulation.Costs;
using Lockstep.Simulation.Forecasts;
using Lockstep.Simulation.Steps;
using Lockstep.Simulation.Timing;

namespace Lockstep.Cli.Forecasts;

/// <summary>How costs and forecasts read.</summary>
internal sealed class SimulationReport(TextWriter output)
{
    private const double SmallPart = 0.01;

    /// <summary>The job and what was measured of it.</summary>
    public void WriteCosts(string name, StepShape shape, StepCosts costs, int threads, int updateThreads)
    {
        Line($"{name}: {Wording.Count(shape.Layout.ParameterCount)} parameters in {Count(shape.Layout.Blocks.Count, "block")}, {Count(shape.Samples, "sample")} and {Count(shape.Shards, "leaf", "leaves")} a step");
        Line($"measured on this machine, {Count(threads, "thread")} a worker (the least disturbed tenth of some runs):");
        string nodes = string.Join(" · ", costs.Compute.Measurements.Select(times => $"{Count(times.Leaves, "leaf", "leaves")} {Quantity.Time(times.Total)}"));
        int most = costs.Compute.Measurements[^1].Leaves;
        Line($"  computing: {nodes}{(most < shape.Shards ? $" (there was no time for {shape.Shards} leaves: from {most} on as the last ones rise)" : "")}");
        Line($"  hashing {Rate(costs.HashPerByte)} · adding {Rate(costs.AddPerByte)} · into or out of a socket {Rate(costs.CopyPerByte)}");
        Line($"  a frame {Quantity.Time(costs.Frame)} at either end · waking a thread {Quantity.Time(costs.Wake)} · judging a contribution {Quantity.Time(costs.Contribution.At(1))} to {Quantity.Time(costs.Contribution.At(shape.Shards))}");
        string several = updateThreads == 1 ? "" : $", {Quantity.Time(costs.Prepare.With(updateThreads) + costs.Apply.With(updateThreads))} with {updateThreads}";
        Line($"  the update {Quantity.Time(costs.Prepare.With(1) + costs.Apply.With(1))} with 1 thread{several}");
    }

    /// <summary>What the forecast is of.</summary>
    public void WriteCluster(ClusterSpec cluster)
    {
        string cores = Count(cluster.Cores, "processor");
        Line(cluster.OneMachine
            ? $"workers are processes of one machine with {cores}; numbers lie in memory that they share"
            : (FormattableString)$"each worker a machine with {cores}; {Quantity.Bandwidth(cluster.BytesPerSecond)} each way, {Quantity.Time(cluster.LatencySeconds)} from one to another");
        output.WriteLine();
    }

    /// <summary>A line a cluster, and then where the time of its step goes.</summary>
    public void WriteForecast(IReadOnlyList<ForecastRow> rows)
    {
        Line($"{"workers",7}  {"servers",7}  {"step",9}  {"samples/s",9}  {"speed-up",8}  {"efficiency",10}  bottleneck");
        foreach (ForecastRow row in rows)
        {
            StepPrediction step = row.Prediction;
            Line($"{step.Cluster.Workers,7}  {step.Cluster.Servers,7}  {Quantity.Time(step.Seconds),9}  {Wording.Rate(step.Throughput),9}  {row.SpeedUp,8:0.00}  {row.Efficiency,10:0%}  {Name(step.Bottleneck)} ({step.ShareOf(step.Bottleneck):0%})");
        }
        output.WriteLine();
        output.WriteLine("what a step waits for, one after the other:");
        foreach (ForecastRow row in rows)
        {
            StepPrediction step = row.Prediction;
            IEnumerable<string> parts = Activities.All.Where(activity => step.ShareOf(activity) >= SmallPart).Select(activity => $"{Name(activity)} {Quantity.Time(step.PathSeconds[(int)activity])}");
            Line($"{step.Cluster.Workers,7}  {step.Cluster.Servers,7}  {string.Join(" · ", parts)}");
        }
    }

    /// <summary>What would make one of them faster.</summary>
    public void WriteRemedies(StepPrediction step, IReadOnlyList<Remedy> remedies)
    {
        output.WriteLine();
        string cluster = Count(step.Cluster.Workers, "worker") + (step.Cluster.Servers > 1 ? $" and {Count(step.Cluster.Servers, "server")}" : "");
        if (remedies.Count == 0)
        {
            Line($"with {cluster} no single change makes a step {Remedies.WorthwhileGain - 1:0%} faster");
            return;
        }
        Line($"with {cluster} a step would be so many times as fast, by one change at a time:");
        foreach (Remedy remedy in remedies)
            Line($"{remedy.Gain,7:0.00}  {remedy.What} (then: {Name(remedy.Prediction.Bottleneck)} {remedy.Prediction.ShareOf(remedy.Prediction.Bottleneck):0%})");
    }

    private static string Name(Activity activity) => activity switch
    {
        Activity.Compute => "computing",
        Activity.WorkerFrames => "a worker's hashing and copying",
        Activity.WorkerLinkOut => "a worker's link out",
        Activity.WorkerLinkIn => "a worker's link in",
        Activity.CoordinatorLinkIn => "the coordinator's link in",
        Activity.CoordinatorLinkOut => "the coordinator's link out",
        Activity.CoordinatorFrames => "the coordinator's hashing and copying",
        Activity.Sums => "the parameter server's sums",
        Activity.Update => "the update",
        Activity.Latency => "latency and waking",
        _ => activity.ToString(),
    };

    private static string Rate(double secondsPerByte) => string.Create(CultureInfo.InvariantCulture, $"{1e-9 / secondsPerByte:0.0} GB/s");

    private static string Count(long count, string one, string? many = null) => $"{Wording.Count(count)} {(count == 1 ? one : many ?? one + "s")}";

    private void Line(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
