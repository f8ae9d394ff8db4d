using Lockstep.Jobs.Planning;

namespace Lockstep.Benchmarks.Workload;

/// <summary>The job that <c>step</c> takes apart: mnist-mlp.yaml beside the program.</summary>
internal static class MnistMlp
{
    /// <summary>Leaves of the sum tree that a job of this batch gets if it does not say.</summary>
    public const int DefaultShards = 16;

    public static string JobFile { get; } = Path.Combine(AppContext.BaseDirectory, "Workload", "mnist-mlp.yaml");

    /// <summary>Reads the data and puts the model together.</summary>
    /// <param name="shards">Leaves of the sum tree.</param>
    public static TrainingPlan Plan(int shards) => BenchmarkJob.Plan(JobFile, [BenchmarkJob.Shards(shards)]);

    /// <summary>2·N·D·units for each product of a dense layer: forward, weight gradient, and input gradient from the second layer on.</summary>
    public static double FlopsPerStep(TrainingPlan plan)
    {
        double flops = 0;
        bool first = true;
        foreach (var layer in plan.Network.Layers.Where(layer => layer.Parameters.Count > 0))
        {
            flops += (first ? 2 : 3) * 2.0 * plan.Job.Training.Batch * layer.Input.Length * layer.Output.Length;
            first = false;
        }
        return flops;
    }
}
