using Lockstep.Engine.Randomness;

namespace Lockstep.Engine.Data.Transforms;

/// <summary>What live transforms have in common: random numbers that depend on the reading and on the transform's place among the others.</summary>
internal static class LiveTransforms
{
    /// <summary>The sample and, as the purpose's layer, the transform; the epoch is the major number, and elements count what is drawn.</summary>
    public static CounterRandom Random(in SampleVisit visit, uint index) => new(visit.Seed, RandomPurpose.Augmentation, index);

    /// <exception cref="DataException">The input is no image.</exception>
    public static void RequireImage(IReadOnlyList<int> shape, string transform, string source)
    {
        if (shape.Count != 3)
            throw new DataException(source, $"An input of shape [{string.Join(", ", shape)}] is no image.", $"'{transform}' is for images [C, H, W].");
    }
}

internal sealed unsafe class FittedRandomCrop : ReshapingTransform
{
    private readonly uint _index;
    private readonly int _channels, _height, _width, _size, _padding;

    private FittedRandomCrop(RandomCropTransform spec, uint index, IReadOnlyList<int> shape)
        : base([shape[0], spec.Size, spec.Size])
    {
        _index = index;
        (_channels, _height, _width) = (shape[0], shape[1], shape[2]);
        (_size, _padding) = (spec.Size, spec.Padding);
    }

    /// <exception cref="DataException">The input is no image, or smaller than the crop.</exception>
    public static FittedRandomCrop Of(RandomCropTransform spec, uint index, IReadOnlyList<int> shape, string source)
    {
        LiveTransforms.RequireImage(shape, "randomCrop", source);
        long least = Math.Min(shape[1], shape[2]) + (2L * spec.Padding);
        if (spec.Size < 1 || spec.Padding < 0 || spec.Size > least)
            throw new DataException(source, $"From images of {shape[1]}×{shape[2]} pixels with {spec.Padding} around them no square of {spec.Size} can be cut.", $"Use a size from 1 to {least}, or more padding.");
        return new FittedRandomCrop(spec, index, shape);
    }

    public override void Write(float* sample, float* output, in SampleVisit visit)
    {
        int spareY = _height + 2 * _padding - _size, spareX = _width + 2 * _padding - _size;
        int top = spareY / 2 - _padding, left = spareX / 2 - _padding;
        if (visit.IsTraining)
        {
            CounterRandom random = LiveTransforms.Random(visit, _index);
            top = (int)random.Below((uint)spareY + 1, (ulong)visit.Epoch, (uint)visit.Sample, 0) - _padding;
            left = (int)random.Below((uint)spareX + 1, (ulong)visit.Epoch, (uint)visit.Sample, 1) - _padding;
        }
        // Columns from first to last − 1 of the output lie within the image.
        int first = Math.Clamp(-left, 0, _size), last = Math.Clamp(_width - left, first, _size);
        for (int channel = 0; channel < _channels; channel++)
        {
            for (int y = 0; y < _size; y++)
            {
                var row = new Span<float>(output + ((long)channel * _size + y) * _size, _size);
                int from = top + y;
                if (from < 0 || from >= _height)
                {
                    row.Clear();
                    continue;
                }
                row[..first].Clear();
                new ReadOnlySpan<float>(sample + ((long)channel * _height + from) * _width + left + first, last - first).CopyTo(row[first..]);
                row[last..].Clear();
            }
        }
    }
}

internal sealed unsafe class FittedRandomFlip : FittedTransform
{
    private readonly uint _index;
    private readonly int _width;

    private FittedRandomFlip(uint index, int width) => (_index, _width) = (index, width);

    /// <exception cref="DataException">The input is no image.</exception>
    public static FittedRandomFlip Of(uint index, IReadOnlyList<int> shape, string source)
    {
        LiveTransforms.RequireImage(shape, "randomFlip", source);
        return new FittedRandomFlip(index, shape[2]);
    }

    public override void Apply(float* sample, int length, in SampleVisit visit)
    {
        if (!visit.IsTraining || LiveTransforms.Random(visit, _index).Bits((ulong)visit.Epoch, (uint)visit.Sample, 0) >> 31 == 0)
            return;
        for (int row = 0; row < length; row += _width)
            new Span<float>(sample + row, _width).Reverse();
    }
}
