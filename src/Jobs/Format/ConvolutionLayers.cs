using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

[Case("conv2d", "A convolution of images [C, H, W] with weight [filters, C/groups, kH, kW] and bias [filters].")]
public sealed record Conv2dLayer : ParameterizedLayer
{
    [Key("How many channels the output has."), Limits(AtLeast = 1, AtMost = 1 << 24)]
    public required int Filters { get; init; }

    [Key("The kernel's size, one number or [vertical, horizontal]."), Limits(AtLeast = 1, AtMost = 1 << 16)]
    public required Extent2d Kernel { get; init; }

    [Key("Pixels from one place of the output to the next, one number or [vertical, horizontal]."), Limits(AtLeast = 1, AtMost = 1 << 16)]
    public Extent2d Stride { get; init; } = 1;

    [Key("Zeros on each side, one number or [vertical, horizontal]."), Limits(AtLeast = 0, AtMost = 1 << 16)]
    public Extent2d Padding { get; init; }

    [Key("Pixels from one tap of the kernel to the next, one number or [vertical, horizontal]."), Limits(AtLeast = 1, AtMost = 1 << 16)]
    public Extent2d Dilation { get; init; } = 1;

    [Key("Channels and filters are cut into so many groups that do not see each other."), Limits(AtLeast = 1, AtMost = 1 << 24)]
    public int Groups { get; init; } = 1;

    [Key("Whether it has a bias.")]
    public bool Bias { get; init; } = true;
}

[Case("locallyConnected2d", "As conv2d, with weights of its own at each place: weight [filters, outH, outW, C, kH, kW] and bias [filters, outH, outW].")]
public sealed record LocallyConnected2dLayer : ParameterizedLayer
{
    [Key("How many channels the output has."), Limits(AtLeast = 1, AtMost = 1 << 24)]
    public required int Filters { get; init; }

    [Key("The kernel's size, one number or [vertical, horizontal]."), Limits(AtLeast = 1, AtMost = 1 << 16)]
    public required Extent2d Kernel { get; init; }

    [Key("Pixels from one place of the output to the next, one number or [vertical, horizontal]."), Limits(AtLeast = 1, AtMost = 1 << 16)]
    public Extent2d Stride { get; init; } = 1;

    [Key("Zeros on each side, one number or [vertical, horizontal]."), Limits(AtLeast = 0, AtMost = 1 << 16)]
    public Extent2d Padding { get; init; }

    [Key("Whether it has a bias.")]
    public bool Bias { get; init; } = true;
}

[Case("transposedConv2d", "The input gradient of a convolution as a layer, with weight [C, filters/groups, kH, kW] and bias [filters]. Its output has (H - 1)·stride - 2·padding + dilation·(kH - 1) + outputPadding + 1 rows.")]
public sealed record TransposedConv2dLayer : ParameterizedLayer
{
    [Key("How many channels the output has."), Limits(AtLeast = 1, AtMost = 1 << 24)]
    public required int Filters { get; init; }

    [Key("The kernel's size, one number or [vertical, horizontal]."), Limits(AtLeast = 1, AtMost = 1 << 16)]
    public required Extent2d Kernel { get; init; }

    [Key("Pixels of the output from one place of the input to the next, one number or [vertical, horizontal]."), Limits(AtLeast = 1, AtMost = 1 << 16)]
    public Extent2d Stride { get; init; } = 1;

    [Key("Pixels that are cut off on each side, one number or [vertical, horizontal]."), Limits(AtLeast = 0, AtMost = 1 << 16)]
    public Extent2d Padding { get; init; }

    [Key("Rows added below and columns added to the right, less than the stride or the dilation; one number or [vertical, horizontal]."), Limits(AtLeast = 0, AtMost = 1 << 16)]
    public Extent2d OutputPadding { get; init; }

    [Key("Pixels from one tap of the kernel to the next, one number or [vertical, horizontal]."), Limits(AtLeast = 1, AtMost = 1 << 16)]
    public Extent2d Dilation { get; init; } = 1;

    [Key("Channels and filters are cut into so many groups that do not see each other."), Limits(AtLeast = 1, AtMost = 1 << 24)]
    public int Groups { get; init; } = 1;

    [Key("Whether it has a bias.")]
    public bool Bias { get; init; } = true;
}

[Case("timeDelay", "A convolution over time of sequences [T, D] with weight [filters, D, delays] and bias [filters].")]
public sealed record TimeDelayLayer : ParameterizedLayer
{
    [Key("How many features a step of the output has."), Limits(AtLeast = 1, AtMost = 1 << 24)]
    public required int Filters { get; init; }

    [Key("How many steps are seen at once."), Limits(AtLeast = 1, AtMost = 1 << 16)]
    public required int Delays { get; init; }

    [Key("Steps from one place of the output to the next."), Limits(AtLeast = 1, AtMost = 1 << 16)]
    public int Stride { get; init; } = 1;

    [Key("Steps from one delay to the next."), Limits(AtLeast = 1, AtMost = 1 << 16)]
    public int Dilation { get; init; } = 1;

    [Key("Zero steps before the first and after the last."), Limits(AtLeast = 0, AtMost = 1 << 16)]
    public int Padding { get; init; }
}

/// <summary>Windows over each channel of an image.</summary>
public abstract record PoolingLayer : Layer
{
    [Key("The window's size, one number or [vertical, horizontal]."), Limits(AtLeast = 1, AtMost = 1 << 16)]
    public required Extent2d Kernel { get; init; }

    [Key("Pixels from one window to the next, one number or [vertical, horizontal].", DefaultRule = "the kernel"), Limits(AtLeast = 1, AtMost = 1 << 16)]
    public Extent2d? Stride { get; init; }

    [Key("Pixels on each side that do not exist, at most half of the kernel; one number or [vertical, horizontal]."), Limits(AtLeast = 0, AtMost = 1 << 16)]
    public Extent2d Padding { get; init; }
}

[Case("maxPool2d", "The largest number of each window; of equal ones the first in row-major order. Padding never wins.")]
public sealed record MaxPool2dLayer : PoolingLayer;

[Case("averagePool2d", "The mean of each window.")]
public sealed record AveragePool2dLayer : PoolingLayer
{
    [Key("Whether padding counts in the divisor.")]
    public bool CountPadding { get; init; } = true;
}

[Case("localResponseNorm", "x/(k + alpha·Σ x²)^beta, summed over neighbouring channels, as in the AlexNet paper: alpha is not divided by size.")]
public sealed record LocalResponseNormLayer : Layer
{
    [Key("Channels that are looked at together."), Limits(AtLeast = 1, AtMost = 1 << 24)]
    public int Size { get; init; } = 5;

    [Key("What keeps the divisor from zero."), Limits(Above = 0)]
    public double K { get; init; } = 2;

    [Key("Factor of the sum of squares."), Limits(AtLeast = 0)]
    public double Alpha { get; init; } = 1e-4;

    [Key("The exponent."), Limits(AtLeast = 0)]
    public double Beta { get; init; } = 0.75;
}
