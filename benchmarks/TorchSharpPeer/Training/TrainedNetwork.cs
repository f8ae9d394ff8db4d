using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lockstep.TorchSharpPeer.Training;

/// <summary>A network and its loss, the mean softmax cross-entropy.</summary>
internal abstract class TrainedNetwork
{
    public abstract Module Network { get; }

    /// <summary>
    /// Lockstep has one bias where libtorch has a sum of two, but for the candidate of a GRU. The gradient of what Lockstep has not is made zero before it is
    /// clipped, so that it neither counts in the norm nor makes the bias move twice as far. Parameters, and how many of their numbers that are.
    /// </summary>
    public virtual IReadOnlyList<(TorchSharp.Modules.Parameter Parameter, long Count)> SecondBiases => [];

    /// <summary>The loss of the next minibatch, ready for a backward pass.</summary>
    public abstract Tensor Loss(Tensor input, Tensor target);

    /// <summary>Forgets what it carries from one minibatch to the next.</summary>
    public virtual void BeginAnew()
    {
        // Images carry nothing.
    }
}
