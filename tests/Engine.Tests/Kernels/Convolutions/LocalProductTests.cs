using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Kernels.LocalConnections;
using Lockstep.Engine.Layers.Normalization;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Kernels.Convolutions;

public sealed unsafe class LocalProductTests
{
    private static readonly ConvolutionShape[] Shapes =
    [
        new(2, 3, 1, WindowAxis.Of(5, 3, 1, 1, 1), WindowAxis.Of(4, 2, 2, 1, 1)),
        new(1, 14, 1, WindowAxis.Of(4, 2, 3, 0, 1), WindowAxis.Of(5, 3, 1, 2, 1)),
        // More terms than a block has.
        new(60, 2, 1, WindowAxis.Of(3, 3, 1, 1, 1), WindowAxis.Of(3, 3, 1, 0, 1)),
        new(2, 66, 1, WindowAxis.Of(3, 3, 1, 1, 1), WindowAxis.Of(3, 3, 1, 1, 1)),
    ];

    [Fact]
    public void All_three_products_have_the_bits_of_their_definition_at_every_width_and_thread_count()
    {
        foreach (ConvolutionShape shape in Shapes)
        {
            foreach (int samples in new[] { 1, 5, 19 })
                Verify(shape, samples);
        }
    }

    [Fact]
    public void The_operators_of_response_normalization_have_the_same_bits_at_every_width()
    {
        using FloatBuffer x = Buffer([.. Numbers(new Random(1), 37).Select(MathF.Abs)]), y = Buffer(Numbers(new Random(2), 37)), result = new(37);
        foreach (Width width in Width.All)
        {
            width.Map(default(ThreeQuarterPowerOperator), x.Pointer, result.Pointer, 37);
            Assert.All(Enumerable.Range(0, 37), i => Assert.Equal(MathF.Sqrt(x.Span[i]) * MathF.Sqrt(MathF.Sqrt(x.Span[i])), result.Span[i]));
            width.Map(new ScaleOffsetOperator(0.3f, 2), x.Pointer, result.Pointer, 37);
            Assert.All(Enumerable.Range(0, 37), i => Assert.Equal(float.FusedMultiplyAdd(0.3f, x.Span[i], 2), result.Span[i]));
            width.Map(default(AddSquareOperator), x.Pointer, y.Pointer, result.Pointer, 37);
            Assert.All(Enumerable.Range(0, 37), i => Assert.Equal(float.FusedMultiplyAdd(x.Span[i], x.Span[i], y.Span[i]), result.Span[i]));
            width.Map(default(QuotientOperator), y.Pointer, x.Pointer, result.Pointer, 37);
            Assert.All(Enumerable.Range(0, 37), i => Assert.Equal(y.Span[i] / x.Span[i], result.Span[i]));
        }
    }

    private static void Verify(ConvolutionShape shape, int samples)
    {
        var random = new Random(samples);
        int image = shape.Channels * shape.Pixels, features = shape.Filters * shape.Positions, weights = features * shape.FilterLength;
        using FloatBuffer x = Buffer(Numbers(random, samples * image)), y = Buffer(Numbers(random, samples * features)), w = Buffer(Numbers(random, weights));
        (int sx, int sy) = (shape.Horizontal.Stride, shape.Vertical.Stride);

        float Pixel(int n, int place, int k)
        {
            int row = (place / shape.Horizontal.Output * sy) - shape.Vertical.Padding + (k % shape.Taps / shape.Horizontal.Kernel);
            int column = (place % shape.Horizontal.Output * sx) - shape.Horizontal.Padding + (k % shape.Horizontal.Kernel);
            bool isThere = row >= 0 && column >= 0 && row < shape.Vertical.Input && column < shape.Horizontal.Input;
            return isThere ? x.Span[(n * image) + (k / shape.Taps * shape.Pixels) + (row * shape.Horizontal.Input) + column] : 0;
        }

        float[] forward = [.. Enumerable.Range(0, samples * features).Select(at => NaiveProduct.Element(
            k => w.Span[(at % features * shape.FilterLength) + k], k => Pixel(at / features, at % shape.Positions, k), 0, shape.FilterLength))];
        float[] backward = [.. Enumerable.Range(0, samples * image).Select(at =>
        {
            (int n, int c, int pixel) = (at / image, at % image / shape.Pixels, at % shape.Pixels);
            var terms = new List<(float, float)>();
            for (int f = 0; f < shape.Filters; f++)
                for (int tap = 0; tap < shape.Taps; tap++)
                {
                    (int row, int column) = ((pixel / shape.Horizontal.Input) + shape.Vertical.Padding - (tap / shape.Horizontal.Kernel), (pixel % shape.Horizontal.Input) + shape.Horizontal.Padding - (tap % shape.Horizontal.Kernel));
                    if (row < 0 || column < 0 || row % sy != 0 || column % sx != 0 || row / sy >= shape.Vertical.Output || column / sx >= shape.Horizontal.Output)
                        continue;
                    int place = (f * shape.Positions) + (row / sy * shape.Horizontal.Output) + (column / sx);
                    terms.Add((w.Span[(((place * shape.Channels) + c) * shape.Taps) + tap], y.Span[(n * features) + place]));
                }
            return NaiveProduct.Element(k => terms[k].Item1, k => terms[k].Item2, 0, terms.Count);
        })];
        int[] bounds = [0, .. Enumerable.Range(0, 4).Select(leaf => SumTree.LeafSamples(leaf, 4, samples).End)];
        float[] gradient = [.. Enumerable.Range(0, weights).Select(at => NaiveProduct.Tree(bounds, (start, end) => NaiveProduct.Element(
            n => y.Span[(n * features) + (at / shape.FilterLength)], n => Pixel(n, at / shape.FilterLength % shape.Positions, at % shape.FilterLength), start, end)))];

        int lanes = SampleLanes.For(samples);
        using FloatBuffer spread = new((image + 1L) * lanes), result = new((long)features * lanes), batch = new((long)samples * Math.Max(image, features)), sums = new(weights);
        foreach (int threads in new[] { 1, 3 })
        {
            using var crew = new ComputeCrew(threads);
            foreach (Width width in Width.All)
            {
                spread.Clear();
                SampleLanes.Spread(crew, x.Pointer, samples, image, spread.Pointer);
                width.GatherLocal(crew, shape, samples, false, w.Pointer, spread.Pointer, result.Pointer);
                SampleLanes.Gather(crew, result.Pointer, samples, features, batch.Pointer);
                Assert.Equal(Bits(forward), Bits(batch.Slice(0, forward.Length).ToArray()));
                SampleLanes.Spread(crew, y.Pointer, samples, features, result.Pointer);
                width.GatherLocal(crew, shape, samples, true, w.Pointer, result.Pointer, spread.Pointer);
                SampleLanes.Gather(crew, spread.Pointer, samples, image, batch.Pointer);
                Assert.Equal(Bits(backward), Bits(batch.Slice(0, backward.Length).ToArray()));
                width.SumLocal(crew, shape, bounds, x.Pointer, y.Pointer, sums.Pointer);
                Assert.Equal(Bits(gradient), Bits(sums.Span.ToArray()));
            }
        }
    }

    private static uint[] Bits(float[] numbers) => [.. numbers.Select(BitConverter.SingleToUInt32Bits)];

    private static float[] Numbers(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * (1 << random.Next(8)))];

    private static FloatBuffer Buffer(float[] numbers)
    {
        var buffer = new FloatBuffer(numbers.Length);
        numbers.CopyTo(buffer.Span);
        return buffer;
    }
}
