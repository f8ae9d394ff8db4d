using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers.Convolution;

/// <summary>
/// y[n, f, i, j] = b[f] + Σ over (c, u, v) of W[f, c, u, v]·x[n, c, i·s − p + u·d, j·s − p + v·d] (a cross-correlation, as in PyTorch):
/// x [N, C, H, W], W [filters, C/groups, kH, kW], b [filters], y [N, filters, ⌊(H + 2p − d·(kH − 1) − 1)/s⌋ + 1, …].
/// </summary>
public sealed class Conv2dLayer : ConvolutionalLayer
{
    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">Filters, kernel and how they go over the image.</param>
    /// <param name="input">[C, H, W].</param>
    /// <exception cref="ShapeException">The input is no image, the kernel does not fit, or the groups do not.</exception>
    public Conv2dLayer(int index, Conv2dSpec spec, Shape input)
        : this(index, spec, input, Window(index, spec, input))
    {
    }

    private Conv2dLayer(int index, Conv2dSpec spec, Shape input, ConvolutionShape window)
        : base(
            index, "conv2d", spec, input, new Shape(spec.Filters, window.Vertical.Output, window.Horizontal.Output),
            [spec.Filters, window.GroupChannels, spec.Kernel.Vertical, spec.Kernel.Horizontal], spec.Bias, ConvolutionSums.OfImages(window))
    {
    }

    private static ConvolutionShape Window(int index, Conv2dSpec spec, Shape input)
    {
        string layer = WindowGeometry.Label(index, spec.Name, "conv2d");
        WindowGeometry geometry = WindowGeometry.Of(layer, input, spec.Kernel, spec.Stride, spec.Padding, spec.Dilation);
        WindowGeometry.Require(layer, "filters", spec.Filters, 1);
        WindowGeometry.RequireGroups(layer, input[0], spec.Filters, spec.Groups);
        return new ConvolutionShape(input[0], spec.Filters, spec.Groups, geometry.Vertical, geometry.Horizontal);
    }
}
