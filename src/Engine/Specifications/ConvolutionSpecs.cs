namespace Lockstep.Engine.Specifications;

/// <summary>Two numbers of an image's axes: of rows (along the height), and of columns (along the width).</summary>
public readonly record struct Extent2d(int Vertical, int Horizontal)
{
    /// <summary>The same for both axes.</summary>
    public static Extent2d Both(int number) => new(number, number);

    /// <summary>The same for both axes.</summary>
    public static implicit operator Extent2d(int number) => Both(number);

    public override string ToString() => $"{Vertical}×{Horizontal}";
}

/// <summary>A convolution of images: weight [filters, C/groups, kH, kW], bias [filters].</summary>
public sealed record Conv2dSpec(int Filters, Extent2d Kernel, bool Bias = true) : ParameterizedLayerSpec
{
    /// <summary>Pixels from one place of the output to the next.</summary>
    public Extent2d Stride { get; init; } = 1;

    /// <summary>Zeros on each side.</summary>
    public Extent2d Padding { get; init; }

    /// <summary>Pixels from one tap of the kernel to the next.</summary>
    public Extent2d Dilation { get; init; } = 1;

    /// <summary>Channels and filters are cut into so many groups that do not see each other.</summary>
    public int Groups { get; init; } = 1;
}

/// <summary>As a convolution, with weights of its own at each place of the output: weight [filters, outH, outW, C, kH, kW], bias [filters, outH, outW].</summary>
public sealed record LocallyConnected2dSpec(int Filters, Extent2d Kernel, bool Bias = true) : ParameterizedLayerSpec
{
    /// <summary>Pixels from one place of the output to the next.</summary>
    public Extent2d Stride { get; init; } = 1;

    /// <summary>Zeros on each side.</summary>
    public Extent2d Padding { get; init; }
}

/// <summary>The input gradient of a convolution as a layer: weight [C, filters/groups, kH, kW], bias [filters].</summary>
public sealed record TransposedConv2dSpec(int Filters, Extent2d Kernel, bool Bias = true) : ParameterizedLayerSpec
{
    /// <summary>Pixels of the output from one place of the input to the next.</summary>
    public Extent2d Stride { get; init; } = 1;

    /// <summary>Pixels that are cut off on each side.</summary>
    public Extent2d Padding { get; init; }

    /// <summary>Rows added below and columns added to the right; less than the stride or the dilation.</summary>
    public Extent2d OutputPadding { get; init; }

    /// <summary>Pixels from one tap of the kernel to the next.</summary>
    public Extent2d Dilation { get; init; } = 1;

    /// <summary>Channels and filters are cut into so many groups that do not see each other.</summary>
    public int Groups { get; init; } = 1;
}

/// <summary>A convolution over time: weight [filters, D, delays], bias [filters] (Waibel et al. 1989).</summary>
public sealed record TimeDelaySpec(int Filters, int Delays) : ParameterizedLayerSpec
{
    /// <summary>Steps from one place of the output to the next.</summary>
    public int Stride { get; init; } = 1;

    /// <summary>Zero steps before the first and after the last.</summary>
    public int Padding { get; init; }

    /// <summary>Steps from one delay to the next.</summary>
    public int Dilation { get; init; } = 1;
}

/// <summary>The largest number of each window.</summary>
public sealed record MaxPool2dSpec(Extent2d Kernel) : LayerSpec
{
    /// <summary>Pixels from one window to the next; null for windows that lie side by side.</summary>
    public Extent2d? Stride { get; init; }

    /// <summary>Pixels on each side that never win; at most half of the kernel.</summary>
    public Extent2d Padding { get; init; }
}

/// <summary>The mean of each window.</summary>
public sealed record AveragePool2dSpec(Extent2d Kernel) : LayerSpec
{
    /// <summary>Pixels from one window to the next; null for windows that lie side by side.</summary>
    public Extent2d? Stride { get; init; }

    /// <summary>Zeros on each side; at most half of the kernel.</summary>
    public Extent2d Padding { get; init; }

    /// <summary>Whether the padding counts in the divisor.</summary>
    public bool CountPadding { get; init; } = true;
}

/// <summary>y = x/(k + alpha·Σ x²)^beta, summed over the channels up to size/2 away (Krizhevsky et al. 2012, section 3.3).</summary>
public sealed record LocalResponseNormSpec : LayerSpec
{
    /// <summary>Channels that are looked at together.</summary>
    public int Size { get; init; } = 5;

    /// <summary>What keeps the divisor from zero.</summary>
    public float K { get; init; } = 2;

    /// <summary>Factor of the sum of squares; it is not divided by the size.</summary>
    public float Alpha { get; init; } = 1e-4f;

    /// <summary>The exponent.</summary>
    public float Beta { get; init; } = 0.75f;
}
