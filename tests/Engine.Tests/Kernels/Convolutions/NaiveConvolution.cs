using Lockstep.Engine.Kernels.Convolutions;

namespace Lockstep.Engine.Tests.Kernels.Convolutions;

/// <summary>The definition of a convolution and its gradients, number by number, on [C, H, W] images.</summary>
internal sealed class NaiveConvolution(ConvolutionShape shape)
{
    private WindowAxis Vertical => shape.Vertical;

    private WindowAxis Horizontal => shape.Horizontal;

    public float[] Features(float[] images, float[] weights, float[]? bias, int samples)
    {
        float[] result = new float[samples * shape.Filters * shape.Positions];
        int at = 0;
        for (int n = 0; n < samples; n++)
            for (int f = 0; f < shape.Filters; f++)
                for (int y = 0; y < Vertical.Output; y++)
                    for (int x = 0; x < Horizontal.Output; x++, at++)
                    {
                        float sum = NaiveProduct.Element(k => weights[(f * shape.FilterLength) + k], k => Pixel(images, n, Group(f), k, y, x), 0, shape.FilterLength);
                        result[at] = bias is null ? sum : sum + bias[f];
                    }
        return result;
    }

    public float[] Images(float[] features, float[] weights, float[]? bias, int samples)
    {
        float[] result = new float[samples * shape.Channels * shape.Pixels];
        int at = 0;
        for (int n = 0; n < samples; n++)
            for (int c = 0; c < shape.Channels; c++)
                for (int y = 0; y < Vertical.Input; y++)
                    for (int x = 0; x < Horizontal.Input; x++, at++)
                    {
                        var terms = new List<(float Weight, float Feature)>();
                        int group = c / shape.GroupChannels, channel = c % shape.GroupChannels;
                        for (int f = group * shape.GroupFilters; f < (group + 1) * shape.GroupFilters; f++)
                            for (int ky = 0; ky < Vertical.Kernel; ky++)
                                for (int kx = 0; kx < Horizontal.Kernel; kx++)
                                {
                                    int dy = y + Vertical.Padding - (ky * Vertical.Dilation), dx = x + Horizontal.Padding - (kx * Horizontal.Dilation);
                                    if (dy % Vertical.Stride != 0 || dx % Horizontal.Stride != 0)
                                        continue;
                                    (int oy, int ox) = (dy / Vertical.Stride, dx / Horizontal.Stride);
                                    bool isThere = oy >= 0 && ox >= 0 && oy < Vertical.Output && ox < Horizontal.Output;
                                    terms.Add((weights[(((((f * shape.GroupChannels) + channel) * Vertical.Kernel) + ky) * Horizontal.Kernel) + kx], isThere ? features[(((((n * shape.Filters) + f) * Vertical.Output) + oy) * Horizontal.Output) + ox] : 0));
                                }
                        float sum = NaiveProduct.Element(k => terms[k].Weight, k => terms[k].Feature, 0, terms.Count);
                        result[at] = bias is null ? sum : sum + bias[c];
                    }
        return result;
    }

    public float[] Weights(float[] images, float[] gradients, int[] bounds)
    {
        float[] result = new float[shape.Filters * shape.FilterLength];
        int[] places = [.. bounds.Select(bound => bound * shape.Positions)];
        for (int f = 0; f < shape.Filters; f++)
            for (int k = 0; k < shape.FilterLength; k++)
                result[(f * shape.FilterLength) + k] = NaiveProduct.Tree(places, (start, end) => NaiveProduct.Element(
                    p => gradients[(((p / shape.Positions * shape.Filters) + f) * shape.Positions) + (p % shape.Positions)],
                    p => Pixel(images, p / shape.Positions, Group(f), k, p % shape.Positions / Horizontal.Output, p % Horizontal.Output),
                    start, end));
        return result;
    }

    private int Group(int filter) => filter / shape.GroupFilters;

    private float Pixel(float[] images, int sample, int group, int k, int y, int x)
    {
        int channel = (group * shape.GroupChannels) + (k / shape.Taps), ky = k % shape.Taps / Horizontal.Kernel, kx = k % Horizontal.Kernel;
        int py = (y * Vertical.Stride) - Vertical.Padding + (ky * Vertical.Dilation), px = (x * Horizontal.Stride) - Horizontal.Padding + (kx * Horizontal.Dilation);
        bool isThere = py >= 0 && px >= 0 && py < Vertical.Input && px < Horizontal.Input;
        return isThere ? images[(((((sample * shape.Channels) + channel) * Vertical.Input) + py) * Horizontal.Input) + px] : 0;
    }
}
