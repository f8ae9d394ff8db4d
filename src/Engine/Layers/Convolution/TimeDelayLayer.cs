using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers.Convolution;

/// <summary>
/// y[n, t, f] = b[f] + Σ over (d, u) of W[f, d, u]·x[n, t·stride − padding + u·dilation, d]: x [N, T, D], W [filters, D, delays], b [filters],
/// y [N, T′, filters] (Waibel et al. 1989). Stacked with dilation it is the time-delay network.
/// </summary>
public sealed class TimeDelayLayer : ConvolutionalLayer
{
    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">Filters, delays and how they go along time.</param>
    /// <param name="input">[T, D].</param>
    /// <exception cref="ShapeException">The input is no sequence, or is shorter than the delays reach.</exception>
    public TimeDelayLayer(int index, TimeDelaySpec spec, Shape input)
        : this(index, spec, input, Window(index, spec, input))
    {
    }

    private TimeDelayLayer(int index, TimeDelaySpec spec, Shape input, ConvolutionShape window)
        : base(
            index, "timeDelay", spec, input, new Shape(window.Horizontal.Output, spec.Filters),
            [spec.Filters, window.Channels, spec.Delays], true, ConvolutionSums.OfSequences(window))
    {
    }

    private static ConvolutionShape Window(int index, TimeDelaySpec spec, Shape input)
    {
        string layer = WindowGeometry.Label(index, spec.Name, "timeDelay");
        if (input.Rank != 2)
            throw new ShapeException(layer, "number of axes", "2 (time, features)", $"{input.Rank} ({input})", input.Rank == 3 ? "Take conv2d for images." : "Give data whose samples are sequences.");
        WindowGeometry.Require(layer, "filters", spec.Filters, 1);
        WindowGeometry.Require(layer, "delays", spec.Delays, 1);
        WindowGeometry.Require(layer, "stride", spec.Stride, 1);
        WindowGeometry.Require(layer, "padding", spec.Padding, 0);
        WindowGeometry.Require(layer, "dilation", spec.Dilation, 1);
        return new ConvolutionShape(
            input[1], spec.Filters, 1, WindowAxis.Single, WindowGeometry.Axis(layer, 0, "time", input[0], spec.Delays, spec.Stride, spec.Padding, spec.Dilation));
    }
}
