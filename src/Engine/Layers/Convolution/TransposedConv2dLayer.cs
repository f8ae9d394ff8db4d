using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers.Convolution;

/// <summary>
/// What the input gradient of a convolution is, as a layer: every place (i, j) of the input adds W[c, f, u, v]·x[n, c, i, j] to the output's
/// pixel (i·s − p + u·d, j·s − p + v·d). x [N, C, H, W], W [C, filters/groups, kH, kW], b [filters],
/// y [N, filters, (H − 1)·s − 2p + d·(kH − 1) + outputPadding + 1, …].
/// </summary>
/// <remarks>A pixel of the output is gathered over (channel, kh, kw). fanIn is filters/groups·kH·kW, as PyTorch counts from the weight's shape.</remarks>
public sealed class TransposedConv2dLayer : ConvolutionalLayer
{
    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">Filters, kernel and how they go over the output.</param>
    /// <param name="input">[C, H, W].</param>
    /// <exception cref="ShapeException">The input is no image, nothing would be left of the output, or the groups or the output padding do not fit.</exception>
    public TransposedConv2dLayer(int index, TransposedConv2dSpec spec, Shape input)
        : this(index, spec, input, Window(index, spec, input))
    {
    }

    private TransposedConv2dLayer(int index, TransposedConv2dSpec spec, Shape input, ConvolutionShape window)
        : base(
            index, "transposedConv2d", spec, input, new Shape(spec.Filters, window.Vertical.Input, window.Horizontal.Input),
            [input[0], window.GroupChannels, spec.Kernel.Vertical, spec.Kernel.Horizontal], spec.Bias, ConvolutionSums.OfImages(window, isTransposed: true))
    {
    }

    // The convolution from this layer's output to its input.
    private static ConvolutionShape Window(int index, TransposedConv2dSpec spec, Shape input)
    {
        string layer = WindowGeometry.Label(index, spec.Name, "transposedConv2d");
        WindowGeometry.RequireImage(layer, input);
        WindowGeometry.Require(layer, "filters", spec.Filters, 1);
        WindowGeometry.RequireGroups(layer, input[0], spec.Filters, spec.Groups);
        return new ConvolutionShape(
            spec.Filters, input[0], spec.Groups,
            Axis(layer, 1, "height", input[1], spec.Kernel.Vertical, spec.Stride.Vertical, spec.Padding.Vertical, spec.OutputPadding.Vertical, spec.Dilation.Vertical),
            Axis(layer, 2, "width", input[2], spec.Kernel.Horizontal, spec.Stride.Horizontal, spec.Padding.Horizontal, spec.OutputPadding.Horizontal, spec.Dilation.Horizontal));
    }

    private static WindowAxis Axis(string layer, int axis, string what, int input, int kernel, int stride, int padding, int outputPadding, int dilation)
    {
        WindowGeometry.Require(layer, "kernel", kernel, 1);
        WindowGeometry.Require(layer, "stride", stride, 1);
        WindowGeometry.Require(layer, "padding", padding, 0);
        WindowGeometry.Require(layer, "outputPadding", outputPadding, 0);
        WindowGeometry.Require(layer, "dilation", dilation, 1);
        if (outputPadding >= Math.Max(stride, dilation))
            throw new ShapeException(layer, $"axis {axis} ({what}) of its output", $"an outputPadding below the stride of {stride} or the dilation of {dilation}", $"{outputPadding}", "Take a smaller outputPadding.");
        long output = ((input - 1L) * stride) - (2L * padding) + (dilation * (kernel - 1L)) + outputPadding + 1;
        if (output is < 1 or > int.MaxValue)
            throw new ShapeException(layer, $"axis {axis} ({what}) of its output", "at least 1 place", $"{output}", "Take less padding or a larger kernel.");
        return new WindowAxis((int)output, input, kernel, stride, padding, dilation);
    }
}
