using Lockstep.Engine.Kernels.Convolutions;

namespace Lockstep.Engine.Tests.Kernels.Convolutions;

/// <summary>F(2×2, 3×3) of Lavin and Gray (2016), tile by tile, with its matrices written out and each sum in the order that the kernels have.</summary>
internal sealed class NaiveWinograd(ConvolutionShape shape)
{
    public float[] Features(float[] images, float[] weights, float[]? bias, int samples) => Compute(
        samples, shape.GroupFilters, shape.GroupChannels, (shape.Vertical.Input, shape.Horizontal.Input), (shape.Vertical.Output, shape.Horizontal.Output),
        (shape.Vertical.Padding, shape.Horizontal.Padding), images, bias,
        (group, row, depth, tap) => weights[((((group * shape.GroupFilters) + row) * shape.GroupChannels) + depth) * 9 + tap]);

    public float[] Images(float[] features, float[] weights, float[]? bias, int samples) => Compute(
        samples, shape.GroupChannels, shape.GroupFilters, (shape.Vertical.Output, shape.Horizontal.Output), (shape.Vertical.Input, shape.Horizontal.Input),
        (2 - shape.Vertical.Padding, 2 - shape.Horizontal.Padding), features, bias,
        (group, row, depth, tap) => weights[((((group * shape.GroupFilters) + depth) * shape.GroupChannels) + row) * 9 + 8 - tap]);

    /// <summary>Gᵀ[Σ (A·dY·Aᵀ) ⊙ (Bᵀ·d·B)]G: k over the tiles of a leaf's samples in blocks of 128, the leaves added as a tree of filters.</summary>
    public float[] Weights(float[] images, float[] gradients, int[] bounds)
    {
        (int rows, int columns) = ((shape.Vertical.Output + 1) / 2, (shape.Horizontal.Output + 1) / 2);
        int tiles = rows * columns;
        float[] result = new float[shape.Filters * shape.FilterLength];
        for (int group = 0; group < shape.Groups; group++)
        {
            float[][,] windows = Tiles(shape.GroupChannels, (n, channel, y, x) => Window((i, j) => At(
                images, n, (group * shape.GroupChannels) + channel, y - shape.Vertical.Padding + i, x - shape.Horizontal.Padding + j, shape.Channels, shape.Vertical.Input, shape.Horizontal.Input)));
            float[][,] places = Tiles(shape.GroupFilters, (n, filter, y, x) => Spread((i, j) => At(
                gradients, n, (group * shape.GroupFilters) + filter, y + i, x + j, shape.Filters, shape.Vertical.Output, shape.Horizontal.Output)));
            for (int f = 0; f < shape.GroupFilters; f++)
                for (int c = 0; c < shape.GroupChannels; c++)
                    for (int tap = 0; tap < 9; tap++)
                        result[((((group * shape.GroupFilters) + f) * shape.GroupChannels) + c) * 9 + tap] = NaiveProduct.Tree(bounds, (start, end) => Leaf(f, c, start * tiles, end * tiles)[tap / 3, tap % 3]);

            float[,] Leaf(int f, int c, int start, int end)
            {
                float[,] sums = new float[4, 4];
                for (int i = 0; i < 4; i++)
                    for (int j = 0; j < 4; j++)
                        sums[i, j] = NaiveProduct.Element(k => places[(k * shape.GroupFilters) + f][i, j], k => windows[(k * shape.GroupChannels) + c][i, j], start, end, block: 128);
                return Fold(sums);
            }
        }
        return result;

        // [sample, tile, channel].
        float[][,] Tiles(int channels, Func<int, int, int, int, float[,]> tile) => [.. Enumerable.Range(0, bounds[^1] * tiles * channels).Select(i =>
            tile(i / channels / tiles, i % channels, i / channels % tiles / columns * 2, i / channels % columns * 2))];

        static float At(float[] numbers, int n, int channel, int y, int x, int channels, int height, int width) =>
            y < 0 || x < 0 || y >= height || x >= width ? 0 : numbers[(((((n * channels) + channel) * height) + y) * width) + x];
    }

    private float[] Compute(
        int samples, int rows, int depth, (int Height, int Width) source, (int Height, int Width) result, (int Top, int Left) padding,
        float[] input, float[]? bias, Func<int, int, int, int, float> weight)
    {
        float[] output = new float[samples * shape.Groups * rows * result.Height * result.Width];
        for (int group = 0; group < shape.Groups; group++)
        {
            float[][,] filters = [.. Enumerable.Range(0, rows * depth).Select(i => Filter(tap => weight(group, i / depth, i % depth, tap)))];
            for (int n = 0; n < samples; n++)
                for (int y = 0; y < result.Height; y += 2)
                    for (int x = 0; x < result.Width; x += 2)
                    {
                        float[][,] windows = [.. Enumerable.Range(0, depth).Select(c => Window((i, j) => Pixel(n, (group * depth) + c, y - padding.Top + i, x - padding.Left + j)))];
                        for (int row = 0; row < rows; row++)
                        {
                            float[,] sums = new float[4, 4];
                            for (int i = 0; i < 4; i++)
                                for (int j = 0; j < 4; j++)
                                    sums[i, j] = NaiveProduct.Element(k => filters[(row * depth) + k][i, j], k => windows[k][i, j], 0, depth);
                            Place(sums, n, (group * rows) + row, y, x);
                        }
                    }
        }
        return output;

        float Pixel(int n, int channel, int y, int x) => y < 0 || x < 0 || y >= source.Height || x >= source.Width
            ? 0
            : input[(((((n * shape.Groups * depth) + channel) * source.Height) + y) * source.Width) + x];

        void Place(float[,] m, int n, int channel, int y, int x)
        {
            float[] top = [.. Enumerable.Range(0, 4).Select(j => m[0, j] + m[1, j] + m[2, j])], bottom = [.. Enumerable.Range(0, 4).Select(j => m[1, j] - m[2, j] - m[3, j])];
            float[,] places = { { top[0] + top[1] + top[2], top[1] - top[2] - top[3] }, { bottom[0] + bottom[1] + bottom[2], bottom[1] - bottom[2] - bottom[3] } };
            for (int i = 0; i < 2 && y + i < result.Height; i++)
                for (int j = 0; j < 2 && x + j < result.Width; j++)
                    output[(((((n * shape.Groups * rows) + channel) * result.Height) + y + i) * result.Width) + x + j] = bias is null ? places[i, j] : places[i, j] + bias[channel];
        }
    }

    private static float[,] Filter(Func<int, float> g)
    {
        float[,] half = new float[4, 3], whole = new float[4, 4];
        for (int j = 0; j < 3; j++)
            Column(g(j), g(3 + j), g(6 + j), (i, t) => half[i, j] = t);
        for (int i = 0; i < 4; i++)
            Column(half[i, 0], half[i, 1], half[i, 2], (j, t) => whole[i, j] = t);
        return whole;

        static void Column(float g0, float g1, float g2, Action<int, float> set)
        {
            set(0, g0);
            set(1, 0.5f * (g0 + g2 + g1));
            set(2, 0.5f * (g0 + g2 - g1));
            set(3, g2);
        }
    }

    private static float[,] Window(Func<int, int, float> d)
    {
        float[,] half = new float[4, 4], whole = new float[4, 4];
        for (int j = 0; j < 4; j++)
            Column(d(0, j), d(1, j), d(2, j), d(3, j), (i, t) => half[i, j] = t);
        for (int i = 0; i < 4; i++)
            Column(half[i, 0], half[i, 1], half[i, 2], half[i, 3], (j, t) => whole[i, j] = t);
        return whole;

        static void Column(float d0, float d1, float d2, float d3, Action<int, float> set)
        {
            set(0, d0 - d2);
            set(1, d1 + d2);
            set(2, d2 - d1);
            set(3, d1 - d3);
        }
    }

    private static float[,] Spread(Func<int, int, float> y)
    {
        float[,] half = new float[4, 2], whole = new float[4, 4];
        for (int j = 0; j < 2; j++)
            Column(y(0, j), y(1, j), (i, t) => half[i, j] = t);
        for (int i = 0; i < 4; i++)
            Column(half[i, 0], half[i, 1], (j, t) => whole[i, j] = t);
        return whole;

        static void Column(float y0, float y1, Action<int, float> set)
        {
            set(0, y0);
            set(1, y0 + y1);
            set(2, y0 - y1);
            set(3, 0 - y1);
        }
    }

    private static float[,] Fold(float[,] m)
    {
        float[,] half = new float[3, 4], whole = new float[3, 3];
        for (int j = 0; j < 4; j++)
            Column(m[0, j], m[1, j], m[2, j], m[3, j], (i, t) => half[i, j] = t);
        for (int i = 0; i < 3; i++)
            Column(half[i, 0], half[i, 1], half[i, 2], half[i, 3], (j, t) => whole[i, j] = t);
        return whole;

        static void Column(float m0, float m1, float m2, float m3, Action<int, float> set)
        {
            float sum = 0.5f * (m1 + m2);
            set(0, m0 + sum);
            set(1, 0.5f * (m1 - m2));
            set(2, sum + m3);
        }
    }
}
