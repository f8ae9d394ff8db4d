using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Tests.Kernels.Convolutions;

/// <summary>Random numbers for one shape, and its results between guards.</summary>
internal sealed unsafe class ConvolutionData : IDisposable
{
    private const int Guard = 16;
    private readonly int _samples;
    private readonly GatherSet _correlation;
    private readonly GatherSet _backprojection;
    private readonly FloatBuffer _images;
    private readonly FloatBuffer _features;
    private readonly FloatBuffer _weights;
    private readonly FloatBuffer _filterBias;
    private readonly FloatBuffer _channelBias;
    private readonly List<FloatBuffer> _results = [];

    public ConvolutionData(ConvolutionShape shape, int samples, int seed)
    {
        _samples = samples;
        var random = new Random(seed);
        Images = Numbers(random, samples * shape.Channels * shape.Pixels);
        Features = Numbers(random, samples * shape.Filters * shape.Positions);
        Weights = Numbers(random, shape.Filters * shape.FilterLength);
        FilterBias = Numbers(random, shape.Filters);
        ChannelBias = Numbers(random, shape.Channels);
        (_images, _features, _weights, _filterBias, _channelBias) = (Buffer(Images), Buffer(Features), Buffer(Weights), Buffer(FilterBias), Buffer(ChannelBias));
        ImageLayout image = ImageLayout.Planes(shape.Channels, shape.Vertical.Input, shape.Horizontal.Input);
        ImageLayout features = ImageLayout.Planes(shape.Filters, shape.Vertical.Output, shape.Horizontal.Output);
        _correlation = GatherSet.Correlation(shape, image, features);
        _backprojection = GatherSet.Backprojection(shape, image, features);
    }

    public float[] Images { get; }

    public float[] Features { get; }

    public float[] Weights { get; }

    public float[] FilterBias { get; }

    public float[] ChannelBias { get; }

    public void Refresh() => Weights.CopyTo(_weights.Span);

    public float[] Correlate(ComputeCrew crew, Width width, bool bias) => Guarded(Features.Length, result =>
        width.Gather(crew, _correlation, _samples, _weights.Pointer, bias ? _filterBias.Pointer : null, _images.Pointer, (float*)result));

    public float[] Backproject(ComputeCrew crew, Width width, bool bias) => Guarded(Images.Length, result =>
        width.Gather(crew, _backprojection, _samples, _weights.Pointer, bias ? _channelBias.Pointer : null, _features.Pointer, (float*)result));

    public float[] SumFilters(ComputeCrew crew, Width width, int[] bounds) => Guarded(Weights.Length, result =>
        width.SumFilters(crew, _correlation, bounds, _images.Pointer, _features.Pointer, (float*)result));

    public void RequireGuards()
    {
        foreach (FloatBuffer result in _results)
        {
            Assert.All(result.Slice(0, Guard).ToArray(), guard => Assert.Equal(12345, guard));
            Assert.All(result.Slice(result.Length - Guard, Guard).ToArray(), guard => Assert.Equal(12345, guard));
        }
    }

    public void Dispose()
    {
        foreach (FloatBuffer buffer in _results.Concat([_images, _features, _weights, _filterBias, _channelBias]))
            buffer.Dispose();
    }

    private float[] Guarded(int length, Action<nint> compute)
    {
        var buffer = new FloatBuffer(length + (2 * Guard));
        _results.Add(buffer);
        buffer.Span.Fill(12345);
        compute((nint)(buffer.Pointer + Guard));
        return buffer.Slice(Guard, length).ToArray();
    }

    // Sizes that differ much, so that another order of adding gives other bits.
    public static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * (1 << random.Next(8)))];

    public static FloatBuffer Buffer(float[] numbers)
    {
        var buffer = new FloatBuffer(numbers.Length);
        numbers.CopyTo(buffer.Span);
        return buffer;
    }
}
