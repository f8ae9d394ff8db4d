using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// Sums over one run of numbers in float64, and normalization of it, as batch normalization needs them of a channel of an image. Of every 16 numbers number i goes
/// to lane i, lanes are combined as a tree, and what is left over is added in order after them: so no sum depends on the vector width.
/// </summary>
internal static unsafe class PlaneMoments
{
    private const int Lanes = 16;
    private const int Vector = 8;

    /// <summary>Σ x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Sum(float* x, int count)
    {
        Vector256<double> s0 = Vector256<double>.Zero, s1 = s0, s2 = s0, s3 = s0;
        int i = 0;
        for (; i + Lanes <= count; i += Lanes)
        {
            (Vector256<double> x0, Vector256<double> x1) = Vector256.Widen(Vector256.Load(x + i));
            (Vector256<double> x2, Vector256<double> x3) = Vector256.Widen(Vector256.Load(x + i + Vector));
            (s0, s1, s2, s3) = (s0 + x0, s1 + x1, s2 + x2, s3 + x3);
        }
        double sum = OfLanes(s0, s1, s2, s3);
        for (; i < count; i++)
            sum += x[i];
        return sum;
    }

    /// <summary>Σ (x − mean)².</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SquaredDistances(float* x, int count, double mean)
    {
        Vector256<double> s0 = Vector256<double>.Zero, s1 = s0, s2 = s0, s3 = s0;
        var means = Vector256.Create(mean);
        int i = 0;
        for (; i + Lanes <= count; i += Lanes)
        {
            (Vector256<double> x0, Vector256<double> x1) = Vector256.Widen(Vector256.Load(x + i));
            (Vector256<double> x2, Vector256<double> x3) = Vector256.Widen(Vector256.Load(x + i + Vector));
            (x0, x1, x2, x3) = (x0 - means, x1 - means, x2 - means, x3 - means);
            s0 = Vector256.FusedMultiplyAdd(x0, x0, s0);
            s1 = Vector256.FusedMultiplyAdd(x1, x1, s1);
            s2 = Vector256.FusedMultiplyAdd(x2, x2, s2);
            s3 = Vector256.FusedMultiplyAdd(x3, x3, s3);
        }
        double sum = OfLanes(s0, s1, s2, s3);
        for (; i < count; i++)
            sum = double.FusedMultiplyAdd(x[i] - mean, x[i] - mean, sum);
        return sum;
    }

    /// <summary>Σ dy·(x − mean).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Products(float* dy, float* x, int count, double mean)
    {
        Vector256<double> s0 = Vector256<double>.Zero, s1 = s0, s2 = s0, s3 = s0;
        var means = Vector256.Create(mean);
        int i = 0;
        for (; i + Lanes <= count; i += Lanes)
        {
            (Vector256<double> x0, Vector256<double> x1) = Vector256.Widen(Vector256.Load(x + i));
            (Vector256<double> x2, Vector256<double> x3) = Vector256.Widen(Vector256.Load(x + i + Vector));
            (Vector256<double> d0, Vector256<double> d1) = Vector256.Widen(Vector256.Load(dy + i));
            (Vector256<double> d2, Vector256<double> d3) = Vector256.Widen(Vector256.Load(dy + i + Vector));
            s0 = Vector256.FusedMultiplyAdd(d0, x0 - means, s0);
            s1 = Vector256.FusedMultiplyAdd(d1, x1 - means, s1);
            s2 = Vector256.FusedMultiplyAdd(d2, x2 - means, s2);
            s3 = Vector256.FusedMultiplyAdd(d3, x3 - means, s3);
        }
        double sum = OfLanes(s0, s1, s2, s3);
        for (; i < count; i++)
            sum = double.FusedMultiplyAdd(dy[i], x[i] - mean, sum);
        return sum;
    }

    /// <summary>y = ((x − high) − low)·scale + shift: high + low is a mean in more digits than float32 has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Normalize(float* x, float* y, int count, float high, float low, float scale, float shift)
    {
        Vector256<float> highs = Vector256.Create(high), lows = Vector256.Create(low), scales = Vector256.Create(scale), shifts = Vector256.Create(shift);
        int i = 0;
        for (; i + Vector <= count; i += Vector)
            Vector256.FusedMultiplyAdd(Vector256.Load(x + i) - highs - lows, scales, shifts).Store(y + i);
        for (; i < count; i++)
            y[i] = float.FusedMultiplyAdd(x[i] - high - low, scale, shift);
    }

    /// <summary>dx = ((x − high) − low)·slope + (dy·scale + shift).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InputGradient(float* x, float* dy, float* dx, int count, float high, float low, float scale, float shift, float slope)
    {
        Vector256<float> highs = Vector256.Create(high), lows = Vector256.Create(low);
        Vector256<float> scales = Vector256.Create(scale), shifts = Vector256.Create(shift), slopes = Vector256.Create(slope);
        int i = 0;
        for (; i + Vector <= count; i += Vector)
        {
            Vector256<float> first = Vector256.FusedMultiplyAdd(Vector256.Load(dy + i), scales, shifts);
            Vector256.FusedMultiplyAdd(Vector256.Load(x + i) - highs - lows, slopes, first).Store(dx + i);
        }
        for (; i < count; i++)
            dx[i] = float.FusedMultiplyAdd(x[i] - high - low, slope, float.FusedMultiplyAdd(dy[i], scale, shift));
    }

    private static double OfLanes(Vector256<double> s0, Vector256<double> s1, Vector256<double> s2, Vector256<double> s3)
    {
        Vector256<double> quarter = (s0 + s2) + (s1 + s3);
        Vector128<double> pair = quarter.GetLower() + quarter.GetUpper();
        return pair[0] + pair[1];
    }
}
