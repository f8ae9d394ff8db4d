using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;

namespace Lockstep.Benchmarks.Kernels;

/// <summary>A convolution of square images of one shape.</summary>
/// <param name="Batch">N.</param>
/// <param name="Channels">C.</param>
/// <param name="Filters">Filters.</param>
/// <param name="Size">Height and width.</param>
/// <param name="Kernel">Height and width of the kernel.</param>
/// <param name="Stride">Stride.</param>
/// <param name="Padding">Padding.</param>
internal sealed record ConvolutionCase(int Batch, int Channels, int Filters, int Size, int Kernel, int Stride, int Padding)
{
    public ConvolutionShape Shape => new(Channels, Filters, 1, WindowAxis.Of(Size, Kernel, Stride, Padding, 1), WindowAxis.Of(Size, Kernel, Stride, Padding, 1));

    /// <summary>Of each of the three passes.</summary>
    public double Flops => 2.0 * Batch * Filters * Shape.FilterLength * Shape.Positions;

    public override string ToString() => $"{Channels}→{Filters}, {Size}×{Size}, kernel {Kernel}{(Stride == 1 ? "" : $", stride {Stride}")}, batch {Batch}";
}

/// <summary>The passes of one convolution, weights packed anew in each as in every step of a training, 16 leaves.</summary>
internal sealed unsafe class ConvolutionBenchmark : IDisposable
{
    private const int Leaves = 16;
    private readonly ComputeCrew _crew;
    private readonly FloatBuffer _images;
    private readonly FloatBuffer _features;
    private readonly FloatBuffer _weights;
    private readonly FloatBuffer _imageResult;
    private readonly FloatBuffer _featureResult;
    private readonly FloatBuffer _weightResult;
    private readonly FloatBuffer _packed;

    public ConvolutionBenchmark(ConvolutionCase convolution, int threads)
    {
        ConvolutionShape shape = convolution.Shape;
        var image = ImageLayout.Planes(shape.Channels, convolution.Size, convolution.Size);
        var feature = ImageLayout.Planes(shape.Filters, shape.Vertical.Output, shape.Horizontal.Output);
        GatherSet correlation = GatherSet.Correlation(shape, image, feature), backprojection = GatherSet.Backprojection(shape, image, feature);
        long images = (long)convolution.Batch * image.Length, features = (long)convolution.Batch * feature.Length, weights = (long)shape.Filters * shape.FilterLength;
        _crew = new ComputeCrew(threads);
        (_images, _features, _weights) = (ProductBenchmark.Filled(images), ProductBenchmark.Filled(features), ProductBenchmark.Filled(weights));
        (_imageResult, _featureResult, _weightResult) = (new FloatBuffer(images), new FloatBuffer(features), new FloatBuffer(weights));
        _packed = new FloatBuffer(Math.Max(GatherProduct.PackedLength(correlation), GatherProduct.PackedLength(backprojection)));
        int[] bounds = [0, .. Enumerable.Range(0, Leaves).Select(leaf => SumTree.LeafSamples(leaf, Leaves, convolution.Batch).End)];
        Passes =
        [
            ("forward", () => Gather(correlation, convolution.Batch, _images, _featureResult)),
            ("input gradient", () => Gather(backprojection, convolution.Batch, _features, _imageResult)),
            ("weight gradient", () => FilterGradient.SumLeaves(_crew, correlation, bounds, _images.Pointer, _features.Pointer, _weightResult.Pointer)),
        ];
    }

    /// <summary>Those of a VGG network for CIFAR-10, and the first two of AlexNet: the second as a group, and as in one tower.</summary>
    public static IReadOnlyList<ConvolutionCase> Cases { get; } =
    [
        new(64, 3, 64, 32, 3, 1, 1),
        new(64, 64, 64, 32, 3, 1, 1),
        new(64, 64, 128, 16, 3, 1, 1),
        new(64, 128, 128, 16, 3, 1, 1),
        new(64, 128, 256, 8, 3, 1, 1),
        new(64, 256, 512, 4, 3, 1, 1),
        new(64, 512, 512, 2, 3, 1, 1),
        new(16, 3, 96, 227, 11, 4, 0),
        new(16, 48, 128, 27, 5, 1, 2),
        new(16, 64, 192, 27, 5, 1, 2),
    ];

    /// <summary>Small ones, to see that they work.</summary>
    public static IReadOnlyList<ConvolutionCase> SmokeCases { get; } = [new(8, 3, 16, 16, 3, 1, 1), new(2, 3, 8, 35, 11, 4, 0)];

    public IReadOnlyList<(string Name, Action Run)> Passes { get; }

    public void Dispose()
    {
        foreach (FloatBuffer buffer in new[] { _images, _features, _weights, _imageResult, _featureResult, _weightResult, _packed })
            buffer.Dispose();
        _crew.Dispose();
    }

    private void Gather(GatherSet set, int samples, FloatBuffer input, FloatBuffer output)
    {
        GatherProduct.Pack(_crew, set, _weights.Pointer, _packed.Pointer);
        GatherProduct.Multiply(_crew, set, samples, _packed.Pointer, null, input.Pointer, output.Pointer);
    }
}
