using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Tests.Layers;

/// <summary>The layers for images and signals in float64, as their definitions say, one sample.</summary>
internal static class NaiveImageLayer
{
    /// <returns>Null for a layer that is none of them.</returns>
    public static double[]? Output(LayerSpec layer, Shape input, Shape output, long[] offsets, double[] parameters, double[] x)
    {
        double Weight(long i) => parameters[offsets[0] + i];
        double Bias(long i) => offsets.Length > 1 ? parameters[offsets[1] + i] : 0;
        return layer switch
        {
            Conv2dSpec c => Places(output, (f, i, j) =>
            {
                int channels = input[0] / c.Groups, first = f / (c.Filters / c.Groups) * channels;
                return Bias(f) + Sum(channels, c.Kernel, (ch, u, v) => Weight((((((long)f * channels) + ch) * c.Kernel.Vertical) + u) * c.Kernel.Horizontal + v)
                    * At(x, input, first + ch, (i * c.Stride.Vertical) - c.Padding.Vertical + (u * c.Dilation.Vertical), (j * c.Stride.Horizontal) - c.Padding.Horizontal + (v * c.Dilation.Horizontal)));
            }),
            LocallyConnected2dSpec c => Places(output, (f, i, j) =>
            {
                long place = (((long)f * output[1]) + i) * output[2] + j;
                return Bias(place) + Sum(input[0], c.Kernel, (ch, u, v) => Weight((((place * input[0]) + ch) * c.Kernel.Vertical + u) * c.Kernel.Horizontal + v)
                    * At(x, input, ch, (i * c.Stride.Vertical) - c.Padding.Vertical + u, (j * c.Stride.Horizontal) - c.Padding.Horizontal + v));
            }),
            TransposedConv2dSpec c => Transposed(c, input, output, Weight, Bias, x),
            TimeDelaySpec c => [.. Enumerable.Range(0, output.Length).Select(at => Bias(at % c.Filters) + Enumerable.Range(0, input[1] * c.Delays).Sum(k =>
            {
                int t = (at / c.Filters * c.Stride) - c.Padding + (k % c.Delays * c.Dilation);
                return t < 0 || t >= input[0] ? 0 : Weight(((long)(at % c.Filters) * input[1] * c.Delays) + k) * x[(t * input[1]) + (k / c.Delays)];
            }))],
            MaxPool2dSpec p => Places(output, (c, i, j) => Window(input, p.Kernel, p.Stride ?? p.Kernel, p.Padding, i, j).Max(pixel => x[(c * input[1] * input[2]) + pixel])),
            AveragePool2dSpec p => Places(output, (c, i, j) =>
            {
                int[] window = Window(input, p.Kernel, p.Stride ?? p.Kernel, p.Padding, i, j);
                return window.Sum(pixel => x[(c * input[1] * input[2]) + pixel]) / (p.CountPadding ? p.Kernel.Vertical * p.Kernel.Horizontal : window.Length);
            }),
            LocalResponseNormSpec n => Places(output, (c, i, j) => At(x, input, c, i, j) / Math.Pow(
                n.K + (n.Alpha * Enumerable.Range(c - (n.Size / 2), (2 * (n.Size / 2)) + 1).Where(ch => ch >= 0 && ch < input[0]).Sum(ch => At(x, input, ch, i, j) * At(x, input, ch, i, j))), n.Beta)),
            _ => null,
        };
    }

    private static double[] Transposed(TransposedConv2dSpec c, Shape input, Shape output, Func<long, double> weight, Func<long, double> bias, double[] x)
    {
        double[] y = Places(output, (f, _, _) => bias(f));
        int filters = c.Filters / c.Groups;
        for (int ch = 0; ch < input[0]; ch++)
            for (int i = 0; i < input[1]; i++)
                for (int j = 0; j < input[2]; j++)
                    for (int f = 0; f < filters; f++)
                        for (int u = 0; u < c.Kernel.Vertical; u++)
                            for (int v = 0; v < c.Kernel.Horizontal; v++)
                            {
                                int filter = (ch / (input[0] / c.Groups) * filters) + f;
                                int row = (i * c.Stride.Vertical) - c.Padding.Vertical + (u * c.Dilation.Vertical), column = (j * c.Stride.Horizontal) - c.Padding.Horizontal + (v * c.Dilation.Horizontal);
                                if (row >= 0 && column >= 0 && row < output[1] && column < output[2])
                                    y[(((filter * output[1]) + row) * output[2]) + column] += weight((((((long)ch * filters) + f) * c.Kernel.Vertical) + u) * c.Kernel.Horizontal + v) * At(x, input, ch, i, j);
                            }
        return y;
    }

    private static double[] Places(Shape output, Func<int, int, int, double> value) =>
        [.. Enumerable.Range(0, output.Length).Select(at => value(at / (output[1] * output[2]), at / output[2] % output[1], at % output[2]))];

    private static double Sum(int channels, Extent2d kernel, Func<int, int, int, double> term) =>
        Enumerable.Range(0, channels * kernel.Vertical * kernel.Horizontal).Sum(k => term(k / (kernel.Vertical * kernel.Horizontal), k / kernel.Horizontal % kernel.Vertical, k % kernel.Horizontal));

    private static double At(double[] x, Shape shape, int channel, int row, int column) =>
        row < 0 || column < 0 || row >= shape[1] || column >= shape[2] ? 0 : x[(((channel * shape[1]) + row) * shape[2]) + column];

    private static int[] Window(Shape input, Extent2d kernel, Extent2d stride, Extent2d padding, int i, int j) =>
    [
        .. from row in Enumerable.Range((i * stride.Vertical) - padding.Vertical, kernel.Vertical)
           from column in Enumerable.Range((j * stride.Horizontal) - padding.Horizontal, kernel.Horizontal)
           where row >= 0 && column >= 0 && row < input[1] && column < input[2]
           select (row * input[2]) + column,
    ];
}
