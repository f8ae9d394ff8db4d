using CsCheck;
using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Kernels.Convolutions;

public sealed unsafe class ConvolutionKernelTests
{
    /// <summary>What has bitten convolutions: no padding and much, strides that leave pixels out, holes, groups of one, rows shorter and longer than a vector, k above a block.</summary>
    private static readonly ConvolutionShape[] Shapes =
    [
        Shape(3, 5, 1, (7, 3, 1, 1, 1), (9, 3, 1, 1, 1)),
        Shape(2, 13, 1, (4, 3, 1, 1, 1), (32, 3, 1, 1, 1)),
        Shape(1, 4, 1, (5, 1, 1, 0, 1), (16, 1, 1, 0, 1)),
        Shape(5, 3, 1, (4, 1, 1, 0, 1), (3, 1, 1, 0, 1)),
        Shape(3, 7, 1, (11, 5, 2, 2, 1), (13, 4, 3, 0, 1)),
        Shape(2, 3, 1, (9, 3, 1, 1, 2), (8, 3, 2, 1, 3)),
        Shape(6, 9, 3, (5, 3, 1, 1, 1), (6, 3, 1, 1, 1)),
        Shape(5, 5, 5, (6, 3, 2, 1, 1), (4, 3, 2, 1, 1)),
        Shape(60, 14, 1, (3, 3, 1, 1, 1), (2, 3, 1, 1, 1)),
        Shape(3, 60, 1, (4, 3, 2, 1, 1), (5, 3, 1, 2, 1)),
        Shape(1, 2, 1, (3, 1, 3, 1, 1), (4, 1, 3, 1, 1)),
        Shape(2, 6, 2, (12, 7, 4, 2, 1), (17, 3, 2, 0, 2)),
    ];

    private static readonly int[] ThreadCounts = [1, 2, 3];

    [Fact]
    public void A_convolution_has_the_bits_of_its_definition_at_every_width_and_thread_count() => ForAll((shape, seed) =>
    {
        using var data = new ConvolutionData(shape, samples: 3, seed);
        float[] expected = new NaiveConvolution(shape).Features(data.Images, data.Weights, data.FilterBias, 3);
        ForEachWidth((crew, width) => Assert.Equal(Bits(expected), Bits(data.Correlate(crew, width, bias: true))));
    });

    [Fact]
    public void The_input_gradient_has_the_bits_of_its_definition_at_every_width_and_thread_count() => ForAll((shape, seed) =>
    {
        using var data = new ConvolutionData(shape, samples: 3, seed);
        float[] expected = new NaiveConvolution(shape).Images(data.Features, data.Weights, data.ChannelBias, 3);
        ForEachWidth((crew, width) => Assert.Equal(Bits(expected), Bits(data.Backproject(crew, width, bias: true))));
    });

    [Fact]
    public void The_weight_gradient_has_the_bits_of_its_definition_at_every_width_and_thread_count() => ForAll((shape, seed) =>
    {
        foreach ((int leaves, int samples) in new[] { (1, 2), (8, 5), (4, 4) })
        {
            using var data = new ConvolutionData(shape, samples, seed);
            int[] bounds = Bounds(leaves, samples);
            float[] expected = new NaiveConvolution(shape).Weights(data.Images, data.Features, bounds);
            ForEachWidth((crew, width) => Assert.Equal(Bits(expected), Bits(data.SumFilters(crew, width, bounds))));
        }
    });

    [Fact]
    public void A_leaf_of_more_places_than_a_block_starts_a_new_chain_and_long_rows_are_split()
    {
        ConvolutionShape shape = Shape(1, 3, 1, (3, 3, 1, 1, 1), (601, 3, 1, 1, 1));
        using var data = new ConvolutionData(shape, 3, 5);
        int[] bounds = Bounds(2, 3);
        float[] expected = new NaiveConvolution(shape).Weights(data.Images, data.Features, bounds);
        ForEachWidth((crew, width) => Assert.Equal(Bits(expected), Bits(data.SumFilters(crew, width, bounds))));
    }

    [Fact]
    public void Short_leaves_that_share_a_block_keep_their_own_chains()
    {
        // 63 places a sample: up to eight leaves of one sample fit a block, leaves of a few samples and whole blocks follow one another.
        foreach ((int leaves, int samples) in new[] { (16, 11), (8, 37), (2, 19) })
        {
            using var data = new ConvolutionData(Shapes[0], samples, 7);
            int[] bounds = Bounds(leaves, samples);
            float[] expected = new NaiveConvolution(Shapes[0]).Weights(data.Images, data.Features, bounds);
            ForEachWidth((crew, width) => Assert.Equal(Bits(expected), Bits(data.SumFilters(crew, width, bounds))));
        }
    }

    [Fact]
    public void Any_convolution_has_the_bits_of_its_definition()
    {
        Gen<(int, int, int, int, int)> axis = Gen.Select(Gen.Int[1, 9], Gen.Int[1, 4], Gen.Int[1, 3], Gen.Int[0, 3], Gen.Int[1, 2]);
        using var crew = new ComputeCrew(2);
        Gen.Select(axis, axis, Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[1, 6], Gen.Int[0, 3]).Sample(
            (vertical, horizontal, groups, channels, filters, width) =>
            {
                ConvolutionShape shape = Shape(channels * groups, filters * groups, groups, vertical, horizontal);
                if (shape.Positions == 0)
                    return;
                using var data = new ConvolutionData(shape, 2, 3);
                var naive = new NaiveConvolution(shape);
                lock (crew)
                {
                    Assert.Equal(Bits(naive.Features(data.Images, data.Weights, null, 2)), Bits(data.Correlate(crew, Width.All[width], bias: false)));
                    Assert.Equal(Bits(naive.Images(data.Features, data.Weights, null, 2)), Bits(data.Backproject(crew, Width.All[width], bias: false)));
                    Assert.Equal(Bits(naive.Weights(data.Images, data.Features, [0, 1, 2])), Bits(data.SumFilters(crew, Width.All[width], [0, 1, 2])));
                }
            },
            iter: 200);
    }

    [Fact]
    public void An_infinite_weight_meets_the_padding_as_zero_and_gives_NaN()
    {
        ConvolutionShape shape = Shape(1, 1, 1, (1, 1, 1, 0, 1), (2, 3, 1, 1, 1));
        using var data = new ConvolutionData(shape, 1, 1);
        data.Weights[0] = float.PositiveInfinity;
        data.Refresh();
        ForEachWidth((crew, width) =>
        {
            float[] features = data.Correlate(crew, width, bias: false);
            Assert.True(float.IsNaN(features[0]));
            Assert.True(float.IsInfinity(features[1]));
        });
    }

    [Fact]
    public void Channel_sums_have_the_bits_of_their_definition()
    {
        foreach ((int channels, int places, int samples, int leaves) in new[] { (1, 1, 3, 2), (16, 9, 7, 8), (37, 5, 4, 1), (33, 640, 6, 4), (6, 3, 0, 2) })
        {
            var random = new Random(channels);
            float[] y = ConvolutionData.Numbers(random, samples * channels * places);
            int[] bounds = Bounds(leaves, samples);
            float[] expected = [.. Enumerable.Range(0, channels).Select(c => NaiveProduct.Tree(bounds, (start, end) =>
            {
                float sum = 0;
                for (int n = start; n < end; n++)
                    for (int place = 0; place < places; place++)
                        sum += y[(((n * channels) + c) * places) + place];
                return sum;
            }))];
            foreach (int threads in ThreadCounts)
            {
                using var crew = new ComputeCrew(threads);
                using FloatBuffer buffer = ConvolutionData.Buffer(y), result = ConvolutionData.Buffer(new float[channels]);
                ChannelSums.SumLeaves(crew, buffer.Pointer, channels, places, bounds, result.Pointer);
                Assert.Equal(Bits(expected), Bits(result.Span.ToArray()));
            }
        }
    }

    [Fact]
    public void Nothing_outside_of_the_result_is_written()
    {
        foreach (ConvolutionShape shape in Shapes)
        {
            using var data = new ConvolutionData(shape, 2, 4);
            ForEachWidth((crew, width) =>
            {
                data.Correlate(crew, width, bias: true);
                data.Backproject(crew, width, bias: true);
                data.SumFilters(crew, width, [0, 1, 2]);
                data.RequireGuards();
            });
        }
    }

    private static void ForAll(Action<ConvolutionShape, int> check)
    {
        for (int i = 0; i < Shapes.Length; i++)
            check(Shapes[i], i);
    }

    private static void ForEachWidth(Action<ComputeCrew, Width> check)
    {
        foreach (int threads in ThreadCounts)
        {
            using var crew = new ComputeCrew(threads);
            foreach (Width width in Width.All)
                check(crew, width);
        }
    }

    private static ConvolutionShape Shape(int channels, int filters, int groups, (int, int, int, int, int) vertical, (int, int, int, int, int) horizontal) =>
        new(channels, filters, groups, Axis(vertical), Axis(horizontal));

    private static WindowAxis Axis((int Input, int Kernel, int Stride, int Padding, int Dilation) axis) =>
        WindowAxis.Of(axis.Input, axis.Kernel, axis.Stride, axis.Padding, axis.Dilation);

    private static int[] Bounds(int leaves, int samples) =>
        [0, .. Enumerable.Range(0, leaves).Select(leaf => SumTree.LeafSamples(leaf, leaves, samples).End)];

    private static uint[] Bits(float[] numbers) => [.. numbers.Select(BitConverter.SingleToUInt32Bits)];
}
