namespace Lockstep.Simulation.Costs;

/// <summary>When a worker has what of its nodes, in seconds from the step's beginning there, by the number of leaves that all its nodes have together.</summary>
public sealed class NodeCost
{
    private readonly CostCurve _sums;
    private readonly CostCurve[] _buckets;
    private readonly CostCurve _total;

    /// <param name="measurements">By leaves, rising.</param>
    public NodeCost(IReadOnlyList<NodeTimes> measurements)
    {
        Measurements = measurements;
        _sums = new CostCurve(measurements.Select(times => ((double)times.Leaves, times.SumsReady)));
        _buckets = [.. Enumerable.Range(0, measurements[0].BucketReady.Count).Select(bucket => new CostCurve(measurements.Select(times => ((double)times.Leaves, times.BucketReady[bucket]))))];
        _total = new CostCurve(measurements.Select(times => ((double)times.Leaves, times.Total)));
    }

    /// <summary>What was measured.</summary>
    public IReadOnlyList<NodeTimes> Measurements { get; }

    /// <summary>The times of so many leaves.</summary>
    public NodeTimes Of(int leaves) => new(leaves, _sums.At(leaves), [.. _buckets.Select(bucket => bucket.At(leaves))], _total.At(leaves));
}

/// <summary>When what is there, in seconds from the beginning of loading.</summary>
/// <param name="Leaves">Leaves that are computed together.</param>
/// <param name="SumsReady">Loss, counts and metrics: the forward pass is done.</param>
/// <param name="BucketReady">By bucket of the layout; the last one is ready first.</param>
/// <param name="Total">All is done.</param>
public sealed record NodeTimes(int Leaves, double SumsReady, IReadOnlyList<double> BucketReady, double Total);
