using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// Σ x² in float64, where each square is exact, of numbers that come part by part; NaN and infinity come through. Where the parts are cut changes no bit: element i goes
/// to lane i mod 16, in order, and lanes are combined as a tree.
/// </summary>
internal unsafe struct SquareSum
{
    private const int Lanes = Reduction.Lanes;

    private Vector256<double> _s0, _s1, _s2, _s3;

    /// <summary>The sum of all that came.</summary>
    public readonly double Total
    {
        get
        {
            Vector256<double> quarter = (_s0 + _s2) + (_s1 + _s3);
            Vector128<double> pair = quarter.GetLower() + quarter.GetUpper();
            return pair[0] + pair[1];
        }
    }

    /// <summary>Adds the squares of the next numbers; only behind a multiple of 16 may more follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(float* x, long count)
    {
        Vector256<double> s0 = _s0, s1 = _s1, s2 = _s2, s3 = _s3;
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
        (_s0, _s1, _s2, _s3) = (s0, s1, s2, s3);
    }

    /// <summary>Adds the squares of sixteen numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector256<float> low, Vector256<float> high)
    {
        (Vector256<double> x0, Vector256<double> x1) = Vector256.Widen(low);
        (Vector256<double> x2, Vector256<double> x3) = Vector256.Widen(high);
        _s0 = Vector256.FusedMultiplyAdd(x0, x0, _s0);
        _s1 = Vector256.FusedMultiplyAdd(x1, x1, _s1);
        _s2 = Vector256.FusedMultiplyAdd(x2, x2, _s2);
        _s3 = Vector256.FusedMultiplyAdd(x3, x3, _s3);
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
