using Lockstep.Engine.Models;

namespace Lockstep.Cli.Inspection;

/// <summary>Takes the sums of whole minibatches, and adds them in the order in which they come.</summary>
internal sealed class RootSums(StepSums slots) : IStepSink
{
    /// <summary>The sums so far, in the slots of <see cref="StepSums"/>.</summary>
    public double[] Total { get; } = new double[slots.Length];

    public void BucketReady(int bucket)
    {
        // The gradient is looked at as a whole, after the pass.
    }

    public void SumsReady(int node, ReadOnlySpan<double> sums) => StepSums.Add(Total, sums, Total);
}
