namespace Lockstep.Benchmarks.Steps;

/// <summary>What the parts of one training step took, in ticks of the stopwatch.</summary>
/// <param name="Loading">Picking the minibatch's samples and bringing them into float memory.</param>
/// <param name="Forward">Packing weights, forward pass, loss and its gradient.</param>
/// <param name="Backward">Gradients of weights, biases and activations.</param>
/// <param name="Preparation">Mean, norm, and the decision about clipping; 0 where they are made in one go with the update.</param>
/// <param name="Update">The optimizer.</param>
internal readonly record struct StepTimes(long Loading, long Forward, long Backward, long Preparation, long Update)
{
    public long Total => Loading + Forward + Backward + Preparation + Update;
}
