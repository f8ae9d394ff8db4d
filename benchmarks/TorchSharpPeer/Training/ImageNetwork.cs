using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Lockstep.TorchSharpPeer.Training;

/// <summary>Images [N, C, H, W] in, scores of classes [N, K] out.</summary>
internal sealed class ImageNetwork(Module<Tensor, Tensor> network) : TrainedNetwork
{
    public override Module Network => network;

    public override Tensor Loss(Tensor input, Tensor target) => functional.cross_entropy(network.call(input), target);
}
