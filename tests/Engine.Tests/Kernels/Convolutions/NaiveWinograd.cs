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
}
