namespace Lockstep.Engine.Models;

/// <summary>Who is told of a replica's results as soon as they are final. Called on the thread that called the replica.</summary>
public interface IStepSink
{
    /// <summary>The bucket of all nodes' gradients is final, and will not be written again by this call.</summary>
    /// <param name="bucket">Its number in the layout.</param>
    void BucketReady(int bucket);

    /// <summary>A node's sums are final.</summary>
    /// <param name="node">Index into the nodes of the call.</param>
    /// <param name="sums">Slots as <see cref="StepSums"/> has them; valid until the method returns.</param>
    void SumsReady(int node, ReadOnlySpan<double> sums);
}
