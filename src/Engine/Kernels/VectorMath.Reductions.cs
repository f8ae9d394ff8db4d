using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lockstep.Engine.Kernels;

public static unsafe partial class VectorMath
{
    /// <summary>Every reduction keeps this many partial results: element i goes to lane i mod 16, and lanes are combined as a tree.</summary>
    public const int Lanes = 16;

    /// <summary>Σ x² in float64, where each square is exact; NaN and infinity come through.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double SumOfSquares(float* x, long count)
    {
        Vector256<double> s0 = Vector256<double>.Zero, s1 = s0, s2 = s0, s3 = s0;
        nint full = (nint)(count & ~(long)(Lanes - 1));
        for (nint i = 0; i < full; i += Lanes)
            AddSquares(x + i, ref s0, ref s1, ref s2, ref s3);
        if (full < count)
        {
            float* tail = stackalloc float[Lanes];
            for (nint i = full; i < count; i++)
                tail[i - full] = x[i];
            AddSquares(tail, ref s0, ref s1, ref s2, ref s3);
        }
        Vector256<double> quarter = (s0 + s2) + (s1 + s3);
        Vector128<double> pair = quarter.GetLower() + quarter.GetUpper();
        return pair[0] + pair[1];
    }

    /// <summary>Σ x in float32.</summary>
    public static float Sum(float* x, long count)
    {
        float* lanes = stackalloc float[Lanes];
        for (long i = 0; i < count; i++)
            lanes[i & (Lanes - 1)] += x[i];
        for (int half = Lanes / 2; half > 0; half /= 2)
            for (int lane = 0; lane < half; lane++)
                lanes[lane] += lanes[lane + half];
        return lanes[0];
    }

    /// <summary>The largest element, −∞ of none. NaN is never the largest.</summary>
    public static float Max(float* x, long count)
    {
        float largest = float.NegativeInfinity;
        for (long i = 0; i < count; i++)
            largest = x[i] > largest ? x[i] : largest;
        return largest;
    }

    /// <summary>Whether no element is NaN or infinite.</summary>
    public static bool AllFinite(float* x, long count)
    {
        for (long i = 0; i < count; i++)
            if (!float.IsFinite(x[i]))
                return false;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddSquares(float* x, ref Vector256<double> s0, ref Vector256<double> s1, ref Vector256<double> s2, ref Vector256<double> s3)
    {
        (Vector256<double> x0, Vector256<double> x1) = Vector256.Widen(Vector256.Load(x));
        (Vector256<double> x2, Vector256<double> x3) = Vector256.Widen(Vector256.Load(x + 8));
        s0 = Vector256.FusedMultiplyAdd(x0, x0, s0);
        s1 = Vector256.FusedMultiplyAdd(x1, x1, s1);
        s2 = Vector256.FusedMultiplyAdd(x2, x2, s2);
        s3 = Vector256.FusedMultiplyAdd(x3, x3, s3);
    }
}
