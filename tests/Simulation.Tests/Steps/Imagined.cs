using Lockstep.Engine.Parameters;
using Lockstep.Simulation.Clusters;
using Lockstep.Simulation.Costs;
using Lockstep.Simulation.Steps;

namespace Lockstep.Simulation.Tests.Steps;

/// <summary>Jobs, costs and clusters that nobody measured.</summary>
internal static class Imagined
{
    /// <summary>Bytes of a full block.</summary>
    public const int BlockBytes = ParameterLayout.MaximumBlockLength * sizeof(float);

    /// <summary>A job of so many full blocks, each a layer and a bucket of its own.</summary>
    public static StepShape Job(int shards, int blocks, int sumsBytes = 40) => new(
        shards, 64 * shards,
        new ParameterLayout(Enumerable.Range(0, blocks).Select(layer => new ParameterView($"{layer}.weight", layer, [ParameterLayout.MaximumBlockLength], 0, IsBias: false))),
        sumsBytes);

    /// <summary>Everything is free but computing, which takes so long for each leaf; buckets are ready evenly in the second half.</summary>
    public static StepCosts Free(StepShape shape, double secondsALeaf = 0)
    {
        int buckets = shape.Layout.Buckets.Count;
        NodeTimes Times(int leaves)
        {
            double total = leaves * secondsALeaf;
            return new NodeTimes(leaves, total / 2, [.. Enumerable.Range(0, buckets).Select(bucket => total - (total / 2 * bucket / buckets))], total);
        }
        return new StepCosts
        {
            Compute = new NodeCost([Times(1), Times(2)]),
            HashPerByte = 0,
            CopyPerByte = 0,
            Frame = 0,
            Wake = 0,
            Contribution = CostCurve.Constant(0),
            AddPerByte = 0,
            Prepare = default,
            Apply = default,
        };
    }

    /// <summary>Costs of about the size that real machines have.</summary>
    public static StepCosts Usual(StepShape shape) => Free(shape, 2e-3) with
    {
        HashPerByte = 0.2e-9,
        CopyPerByte = 0.3e-9,
        Frame = 5e-6,
        Wake = 20e-6,
        Contribution = new CostCurve((1, 1e-6), (64, 2e-6)),
        AddPerByte = 0.25e-9,
        Prepare = new ThreadedCost(1e-4, 1e-3),
        Apply = new ThreadedCost(1e-4, 2e-3),
    };

    /// <summary>Machines that are never short of a processor.</summary>
    public static ClusterSpec Cluster(int workers, double bytesPerSecond = double.PositiveInfinity, double latency = 0, int servers = 1, int cores = 100_000) => new()
    {
        Workers = workers,
        BytesPerSecond = bytesPerSecond,
        LatencySeconds = latency,
        Servers = servers,
        Cores = cores,
    };
}
