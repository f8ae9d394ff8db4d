using Lockstep.Engine.Models;

namespace Lockstep.Engine.Tests.Models;

/// <summary>Writes down what a replica announces.</summary>
internal sealed class SinkRecord : IStepSink
{
    public List<int> Buckets { get; } = [];

    public SortedDictionary<int, double[]> Sums { get; } = [];

    public Action<int>? OnBucket { get; init; }

    public Action<int>? OnSums { get; init; }

    public void BucketReady(int bucket)
    {
        Buckets.Add(bucket);
        OnBucket?.Invoke(bucket);
    }

    public void SumsReady(int node, ReadOnlySpan<double> sums)
    {
        Sums.Add(node, sums.ToArray());
        OnSums?.Invoke(node);
    }
}
