using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Tests.Kernels.Convolutions;

public sealed class WinogradTests
{
    /// <summary>Odd and even sizes, every padding, groups, tiles of several samples in a panel and rows of tiles that are longer than one, rows that fill no tile, k above a block.</summary>
    private static readonly ConvolutionShape[] Shapes =
    [
        Shape(32, 32, 1, (4, 1), (4, 1)),
        Shape(33, 45, 1, (7, 1), (9, 1)),
        Shape(32, 34, 1, (6, 0), (7, 2)),
        Shape(32, 33, 1, (4, 2), (69, 1)),
        Shape(70, 66, 2, (5, 1), (13, 1)),
        Shape(520, 32, 1, (4, 1), (4, 1)),
        Five(33, 45, 1, (13, 2), (15, 2)),
        Five(32, 34, 1, (16, 0), (12, 4)),
        Five(32, 33, 1, (12, 3), (141, 2)),
        Five(70, 66, 2, (12, 2), (17, 1)),
        Five(73, 32, 1, (12, 2), (12, 2)),
    ];

    [Fact]
    public void Both_directions_have_the_bits_of_their_definition_at_every_width_and_thread_count()
    {
        for (int i = 0; i < Shapes.Length; i++)
        {
            int samples = Shapes[i].Channels > 500 ? 1 : 3;
            using var data = new ConvolutionData(Shapes[i], samples, i);
            var naive = new NaiveWinograd(Shapes[i]);
            uint[] features = Bits(naive.Features(data.Images, data.Weights, data.FilterBias, samples)), images = Bits(naive.Images(data.Features, data.Weights, null, samples));
            foreach (int threads in new[] { 1, 2, 3 })
            {
                using var crew = new ComputeCrew(threads);
                foreach (Width width in Width.All)
                {
                    Assert.Equal(features, Bits(data.Correlate(crew, width, bias: true)));
                    Assert.Equal(images, Bits(data.Backproject(crew, width, bias: false)));
                }
            }
            data.RequireGuards();
        }
    }

    [Fact]
    public void The_weight_gradient_has_the_bits_of_its_definition_at_every_width_and_thread_count()
    {
        // Leaves that are taken together, two of which are shorter; one of several samples; empty ones; leaves longer than a block, and one that ends with it.
        (ConvolutionShape, int[])[] cases =
        [
            (Shape(33, 45, 1, (7, 1), (9, 1)), [0, 2, 4, 5, 6]),
            (Shape(32, 34, 1, (6, 0), (7, 2)), [0, 3]),
            (Shape(70, 66, 2, (5, 1), (13, 1)), [0, 0, 1, 1, 1, 2, 2, 3, 4]),
            (Shape(32, 32, 1, (23, 1), (33, 2)), [0, 1, 3]),
            (Shape(32, 33, 1, (32, 1), (32, 1)), [0, 1, 2]),
            (Five(33, 45, 1, (13, 2), (15, 2)), [0, 1, 2, 3, 4]),
            (Five(32, 34, 1, (16, 0), (12, 4)), [0, 2]),
            (Five(70, 66, 2, (12, 2), (17, 1)), [0, 0, 1, 1, 1, 2, 2, 4, 5]),
            (Five(32, 32, 1, (33, 1), (29, 3)), [0, 1, 3]),
            (Five(32, 33, 1, (32, 2), (32, 2)), [0, 1, 2]),
        ];
        foreach ((ConvolutionShape shape, int[] bounds) in cases)
        {
            using var data = new ConvolutionData(shape, bounds[^1], 3);
            uint[] expected = Bits(new NaiveWinograd(shape).Weights(data.Images, data.Features, bounds));
            foreach (int threads in new[] { 1, 2, 3 })
            {
                using var crew = new ComputeCrew(threads);
                foreach (Width width in Width.All)
                    Assert.Equal(expected, Bits(data.SumFilters(crew, width, bounds)));
            }
            data.RequireGuards();
        }
    }

    [Theory]
    [InlineData(3, 8, 64)]
    [InlineData(5, 12, 40)]
    public void Errors_are_at_most_a_quarter_larger_than_those_of_the_definition(int kernel, int image, int count)
    {
        (int half, int area) = (kernel / 2, kernel * kernel);
        ConvolutionShape shape = Shape(count, count, 1, (image, half), (image, half), kernel);
        using var data = new ConvolutionData(shape, 2, 11);
        using var crew = new ComputeCrew(1);
        var naive = new NaiveConvolution(shape);
        Check(data.Correlate(crew, Width.All[0], bias: false), naive.Features(data.Images, data.Weights, null, 2), Exact(shape, (f, c) => data.Weights.AsSpan((f * shape.FilterLength) + (c * area), area).ToArray(), data.Images));
        Check(data.Backproject(crew, Width.All[0], bias: false), naive.Images(data.Features, data.Weights, null, 2), Exact(shape, (c, f) => [.. data.Weights.AsSpan((f * shape.FilterLength) + (c * area), area).ToArray().Reverse()], data.Features));

        Check(data.SumFilters(crew, Width.All[0], [0, 2]), naive.Weights(data.Images, data.Features, [0, 2]), ExactWeights(shape, data));

        double[] ExactWeights(ConvolutionShape shape, ConvolutionData data)
        {
            (int size, int channels, int filters) = (shape.Vertical.Input, shape.Channels, shape.Filters);
            double[] result = new double[data.Weights.Length];
            for (int at = 0; at < result.Length; at++)
            {
                (int f, int c, int ky, int kx) = (at / area / channels, at / area % channels, at / kernel % kernel, at % kernel);
                for (int place = 0; place < 2 * size * size; place++)
                {
                    (int n, int y, int x) = (place / (size * size), place / size % size, place % size);
                    (int py, int px) = (y - half + ky, x - half + kx);
                    if (py >= 0 && px >= 0 && py < size && px < size)
                        result[at] += (double)data.Features[(((((n * filters) + f) * size) + y) * size) + x] * data.Images[(((((n * channels) + c) * size) + py) * size) + px];
                }
            }
            return result;
        }

        static void Check(float[] winograd, float[] definition, double[] exact)
        {
            double error = RootMeanSquare(winograd, exact), usual = RootMeanSquare(definition, exact);
            Assert.InRange(error, double.Epsilon, usual * 1.25);
        }

        // One group and a padding that keeps the size, where both directions are the same sum, with the taps of one the other way round.
        double[] Exact(ConvolutionShape shape, Func<int, int, float[]> filter, float[] input)
        {
            (int size, int channels) = (shape.Vertical.Input, shape.Channels);
            double[] result = new double[input.Length];
            for (int at = 0; at < result.Length; at++)
            {
                (int n, int row, int y, int x) = (at / (channels * size * size), at / (size * size) % channels, at / size % size, at % size);
                for (int depth = 0; depth < channels; depth++)
                {
                    float[] taps = filter(row, depth);
                    for (int tap = 0; tap < area; tap++)
                    {
                        (int py, int px) = (y - half + (tap / kernel), x - half + (tap % kernel));
                        if (py >= 0 && px >= 0 && py < size && px < size)
                            result[at] += (double)taps[tap] * input[(((((n * channels) + depth) * size) + py) * size) + px];
                    }
                }
            }
            return result;
        }

        static double RootMeanSquare(float[] numbers, double[] exact) => Math.Sqrt(numbers.Zip(exact, (number, sum) => (number - sum) * (number - sum)).Average());
    }

    [Theory]
    [InlineData(32, 32, 1, 3, 1, 1, 1, 8, true)]
    [InlineData(31, 32, 1, 3, 1, 1, 1, 8, false)]
    [InlineData(32, 31, 1, 3, 1, 1, 1, 8, false)]
    [InlineData(64, 64, 4, 3, 1, 1, 1, 8, false)]
    [InlineData(64, 64, 2, 3, 1, 1, 1, 8, true)]
    [InlineData(32, 32, 1, 5, 1, 2, 1, 11, false)]
    [InlineData(32, 32, 1, 5, 1, 2, 1, 12, true)]
    [InlineData(31, 32, 1, 5, 1, 2, 1, 12, false)]
    [InlineData(32, 31, 1, 5, 1, 2, 1, 12, false)]
    [InlineData(32, 32, 1, 5, 1, 5, 1, 12, false)]
    [InlineData(32, 32, 1, 5, 1, 0, 1, 15, false)]
    [InlineData(32, 32, 1, 5, 2, 2, 1, 24, false)]
    [InlineData(32, 32, 1, 7, 1, 3, 1, 24, false)]
    [InlineData(32, 32, 1, 3, 2, 1, 1, 8, false)]
    [InlineData(32, 32, 1, 3, 1, 3, 1, 8, false)]
    [InlineData(32, 32, 1, 3, 1, 1, 2, 8, false)]
    [InlineData(32, 32, 1, 3, 1, 1, 1, 3, false)]
    [InlineData(32, 32, 1, 3, 1, 0, 1, 5, false)]
    public void The_shape_alone_says_whether_it_is_taken(int channels, int filters, int groups, int kernel, int stride, int padding, int dilation, int size, bool taken)
    {
        var axis = WindowAxis.Of(size, kernel, stride, padding, dilation);
        var shape = new ConvolutionShape(channels, filters, groups, axis, axis);
        ImageLayout image = ImageLayout.Planes(channels, size, size), features = ImageLayout.Planes(filters, axis.Output, axis.Output);
        Assert.Equal(taken, GatherSet.Correlation(shape, image, features).Winograd is not null);
        Assert.Equal(taken, GatherSet.Backprojection(shape, image, features).Winograd is not null);
    }

    private static ConvolutionShape Five(int channels, int filters, int groups, (int Input, int Padding) vertical, (int Input, int Padding) horizontal) => Shape(channels, filters, groups, vertical, horizontal, kernel: 5);

    private static ConvolutionShape Shape(int channels, int filters, int groups, (int Input, int Padding) vertical, (int Input, int Padding) horizontal, int kernel = 3) =>
        new(channels, filters, groups, WindowAxis.Of(vertical.Input, kernel, 1, vertical.Padding, 1), WindowAxis.Of(horizontal.Input, kernel, 1, horizontal.Padding, 1));

    private static uint[] Bits(float[] numbers) => [.. numbers.Select(BitConverter.SingleToUInt32Bits)];
}
