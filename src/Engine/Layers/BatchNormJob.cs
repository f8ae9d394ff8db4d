using Lockstep.Engine.Kernels;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Layers;

/// <summary>
/// Both passes of <see cref="BatchNormLayer"/>, shared out by leaf and channels: whoever has a leaf's channel takes its statistics and normalizes it, while it is in the
/// cache.
/// </summary>
internal unsafe struct BatchNormJob(BatchNormLayer layer, Pass pass, BatchNormContext context) : ICrewJob
{
    private const int Strip = 64;

    // Below this a fork and join of the threads costs more than it saves.
    private const long NumbersWorthSharing = 8_192;

    private readonly int _channels = layer.Channels;
    private readonly int _length = pass.LengthOf(layer.Input);
    private readonly float* _weight = pass.Parameters + context.Weight.Offset;
    private readonly float* _bias = pass.Parameters + context.Bias.Offset;

    public float* Input;

    /// <summary>Written by the forward pass; null in the backward pass.</summary>
    public float* Output;

    public float* OutputGradient;

    /// <summary>Written by the backward pass; null where nobody asks.</summary>
    public float* InputGradient;

    private readonly int StripWidth => layer.HasPlanes ? 1 : Strip;

    public void Run(Pass pass)
    {
        if ((long)pass.Samples * _length < NumbersWorthSharing)
            Execute(0, 1);
        else
            pass.Crew.Run(ref this);
    }

    public readonly void Execute(int member, int members)
    {
        int strips = (_channels + StripWidth - 1) / StripWidth;
        WorkRange part = WorkRange.Of((long)context.Leaves * strips, member, members);
        for (long item = part.Start; item < part.End; item++)
        {
            int leaf = (int)(item / strips), first = (int)(item % strips) * StripWidth;
            int width = Math.Min(StripWidth, _channels - first);
            if (context.Start(leaf) == context.End(leaf))
            {
                new Span<float>(context.First(leaf) + first, width).Clear();
                new Span<float>(context.Second(leaf) + first, width).Clear();
            }
            else if (Output is not null)
            {
                Forward(leaf, first, width);
            }
            else
            {
                Backward(leaf, first, width);
            }
        }
    }

    private readonly void Forward(int leaf, int first, int width)
    {
        if (!context.IsGiven)
            TakeStatistics(leaf, first, width);
        Channel* channels = stackalloc Channel[1];
        *channels = default;
        channels->Fill(context.Means(leaf) + first, context.InverseDeviations(leaf) + first, _weight + first, width);
        float* shift = _bias + first;
        for (int sample = context.Start(leaf); sample < context.End(leaf); sample++)
        {
            float* x = Input + ((long)sample * _length), y = Output + ((long)sample * _length);
            if (layer.HasPlanes)
            {
                int plane = _length / _channels, at = first * plane;
                PlaneMoments.Normalize(x + at, y + at, plane, channels->High[0], channels->Low[0], channels->Scale[0], *shift);
                continue;
            }
            for (int at = first; at < _length; at += _channels)
                RowMoments.Normalize(x + at, y + at, width, channels->High, channels->Low, channels->Scale, shift);
        }
    }

    private readonly void TakeStatistics(int leaf, int first, int width)
    {
        double* means = context.Means(leaf) + first, inverses = context.InverseDeviations(leaf) + first;
        double* sums = stackalloc double[Strip];
        new Span<double>(sums, width).Clear();
        int samples = context.End(leaf) - context.Start(leaf);
        long count = (long)samples * (_length / _channels);
        Sum(leaf, first, width, sums);
        for (int c = 0; c < width; c++)
        {
            means[c] = sums[c] / count;
            sums[c] = 0;
        }
        SumSquaredDistances(leaf, first, width, means, sums);
        for (int c = 0; c < width; c++)
        {
            inverses[c] = 1 / Math.Sqrt((sums[c] / count) + layer.Epsilon);
            context.First(leaf)[first + c] = (float)(means[c] * samples);
            context.Second(leaf)[first + c] = (float)(sums[c] / Math.Max(1, count - 1) * samples);
        }
    }

    private readonly void Backward(int leaf, int first, int width)
    {
        double* sums = stackalloc double[Strip];
        double* products = stackalloc double[Strip];
        new Span<double>(sums, width).Clear();
        new Span<double>(products, width).Clear();
        double* means = context.Means(leaf) + first, inverses = context.InverseDeviations(leaf) + first;
        long count = (long)(context.End(leaf) - context.Start(leaf)) * (_length / _channels);
        Channel* channels = stackalloc Channel[1];
        *channels = default;
        channels->Fill(means, inverses, _weight + first, width);
        if (!context.IsGiven)
        {
            SumGradients(leaf, first, width, means, sums, products);
            for (int c = 0; c < width; c++)
            {
                context.First(leaf)[first + c] = (float)(products[c] * inverses[c]);
                context.Second(leaf)[first + c] = (float)sums[c];
                double scale = _weight[first + c] * inverses[c];
                channels->Shift[c] = (float)(-scale * sums[c] / count);
                channels->Slope[c] = (float)(-scale * inverses[c] * inverses[c] * products[c] / count);
            }
        }
        if (InputGradient is null)
            return;
        for (int sample = context.Start(leaf); sample < context.End(leaf); sample++)
        {
            float* x = Input + ((long)sample * _length), dy = OutputGradient + ((long)sample * _length), dx = InputGradient + ((long)sample * _length);
            if (layer.HasPlanes)
            {
                int plane = _length / _channels, at = first * plane;
                PlaneMoments.InputGradient(
                    x + at, dy + at, dx + at, plane, channels->High[0], channels->Low[0], channels->Scale[0], channels->Shift[0], channels->Slope[0]);
                continue;
            }
            for (int at = first; at < _length; at += _channels)
            {
                RowMoments.InputGradient(
                    x + at, dy + at, dx + at, width, channels->High, channels->Low, channels->Scale, channels->Shift, channels->Slope);
            }
        }
    }

    private readonly void Sum(int leaf, int first, int width, double* sums)
    {
        for (int sample = context.Start(leaf); sample < context.End(leaf); sample++)
        {
            float* x = Input + ((long)sample * _length);
            if (layer.HasPlanes)
                sums[0] += PlaneMoments.Sum(x + (first * (_length / _channels)), _length / _channels);
            for (int at = first; !layer.HasPlanes && at < _length; at += _channels)
                RowMoments.Sum(x + at, sums, width);
        }
    }

    private readonly void SumSquaredDistances(int leaf, int first, int width, double* means, double* sums)
    {
        for (int sample = context.Start(leaf); sample < context.End(leaf); sample++)
        {
            float* x = Input + ((long)sample * _length);
            if (layer.HasPlanes)
                sums[0] += PlaneMoments.SquaredDistances(x + (first * (_length / _channels)), _length / _channels, means[0]);
            for (int at = first; !layer.HasPlanes && at < _length; at += _channels)
                RowMoments.SquaredDistances(x + at, means, sums, width);
        }
    }

    private readonly void SumGradients(int leaf, int first, int width, double* means, double* sums, double* products)
    {
        for (int sample = context.Start(leaf); sample < context.End(leaf); sample++)
        {
            float* x = Input + ((long)sample * _length), dy = OutputGradient + ((long)sample * _length);
            if (layer.HasPlanes)
            {
                int plane = _length / _channels, at = first * plane;
                sums[0] += PlaneMoments.Sum(dy + at, plane);
                products[0] += PlaneMoments.Products(dy + at, x + at, plane, means[0]);
                continue;
            }
            for (int at = first; at < _length; at += _channels)
            {
                RowMoments.Sum(dy + at, sums, width);
                RowMoments.Products(dy + at, x + at, means, products, width);
            }
        }
    }

    /// <summary>What a strip's numbers are multiplied and shifted by; the mean in two parts, since it may be far larger than what is left of a number without it.</summary>
    private struct Channel
    {
        public fixed float High[Strip];
        public fixed float Low[Strip];
        public fixed float Scale[Strip];
        public fixed float Shift[Strip];
        public fixed float Slope[Strip];

        public void Fill(double* means, double* inverses, float* weight, int width)
        {
            for (int c = 0; c < width; c++)
            {
                High[c] = (float)means[c];
                Low[c] = (float)(means[c] - High[c]);
                Scale[c] = (float)(weight[c] * inverses[c]);
            }
        }
    }
}
