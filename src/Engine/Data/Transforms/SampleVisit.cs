namespace Lockstep.Engine.Data.Transforms;

/// <summary>Which reading of which sample it is: all that live transforms may depend on.</summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Epoch">The epoch from 0.</param>
/// <param name="Sample">The sample's place in the training part.</param>
/// <param name="IsTraining">Whether it is trained on; if not, live transforms do what they do on the average: nothing at random.</param>
public readonly record struct SampleVisit(ulong Seed, long Epoch, int Sample, bool IsTraining)
{
    /// <summary>A reading for evaluation, prediction and statistics.</summary>
    public static SampleVisit Evaluation => default;
}
