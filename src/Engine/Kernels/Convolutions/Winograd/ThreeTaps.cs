using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>F(2×2, 3×3) with 16 products instead of 36, by the matrices of Lavin and Gray (2016, arXiv:1509.09308).</summary>
internal readonly unsafe struct ThreeTaps : IMinimalFiltering
{
    private const int WindowSize = 4;
    private const int Taps = 3;

    public static FilteringSize Size => FilteringSize.Three;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Filter(float* filter, bool isRotated, float* result, nint stride)
    {
        nint step = isRotated ? -1 : 1;
        float* g = isRotated ? filter + (Taps * Taps) - 1 : filter;
        nint down = step * Taps;
        Column(g[0], g[down], g[2 * down], out float a0, out float a1, out float a2, out float a3);
        Column(g[step], g[down + step], g[(2 * down) + step], out float b0, out float b1, out float b2, out float b3);
        Column(g[2 * step], g[down + (2 * step)], g[(2 * down) + (2 * step)], out float c0, out float c1, out float c2, out float c3);
        Row(a0, b0, c0, result, stride);
        Row(a1, b1, c1, result + (4 * stride), stride);
        Row(a2, b2, c2, result + (8 * stride), stride);
        Row(a3, b3, c3, result + (12 * stride), stride);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Windows<TIsa, TVector>(float* windows, int width, float* result, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        for (int lane = 0; lane < width; lane += TIsa.Width)
        {
            for (int column = 0; column < WindowSize; column++)
            {
                float* d = windows + ((nint)column * width) + lane;
                nint down = (nint)WindowSize * width;
                TVector d0 = TIsa.Load(d), d1 = TIsa.Load(d + down), d2 = TIsa.Load(d + (2 * down)), d3 = TIsa.Load(d + (3 * down));
                TIsa.Store(d, TIsa.Subtract(d0, d2));
                TIsa.Store(d + down, TIsa.Add(d1, d2));
                TIsa.Store(d + (2 * down), TIsa.Subtract(d2, d1));
                TIsa.Store(d + (3 * down), TIsa.Subtract(d1, d3));
            }
            float* to = result + lane;
            for (int row = 0; row < WindowSize; row++, to += WindowSize * stride)
            {
                float* t = windows + ((nint)row * WindowSize * width) + lane;
                TVector t0 = TIsa.Load(t), t1 = TIsa.Load(t + width), t2 = TIsa.Load(t + (2 * (nint)width)), t3 = TIsa.Load(t + (3 * (nint)width));
                TIsa.Store(to, TIsa.Subtract(t0, t2));
                TIsa.Store(to + stride, TIsa.Add(t1, t2));
                TIsa.Store(to + (2 * stride), TIsa.Subtract(t2, t1));
                TIsa.Store(to + (3 * stride), TIsa.Subtract(t1, t3));
            }
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Products<TIsa, TVector>(float* sums, nint stride, float bias, bool hasBias, int width, float* places)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector added = TIsa.Broadcast(bias);
        for (int lane = 0; lane < width; lane += TIsa.Width)
        {
            float* m = sums + lane;
            SumColumn<TIsa, TVector>(m, stride, out TVector top0, out TVector bottom0);
            SumColumn<TIsa, TVector>(m + stride, stride, out TVector top1, out TVector bottom1);
            SumColumn<TIsa, TVector>(m + (2 * stride), stride, out TVector top2, out TVector bottom2);
            SumColumn<TIsa, TVector>(m + (3 * stride), stride, out TVector top3, out TVector bottom3);
            TVector y00 = TIsa.Add(TIsa.Add(top0, top1), top2), y01 = TIsa.Subtract(TIsa.Subtract(top1, top2), top3);
            TVector y10 = TIsa.Add(TIsa.Add(bottom0, bottom1), bottom2), y11 = TIsa.Subtract(TIsa.Subtract(bottom1, bottom2), bottom3);
            TIsa.Store(places + lane, hasBias ? TIsa.Add(y00, added) : y00);
            TIsa.Store(places + width + lane, hasBias ? TIsa.Add(y01, added) : y01);
            TIsa.Store(places + (2 * (nint)width) + lane, hasBias ? TIsa.Add(y10, added) : y10);
            TIsa.Store(places + (3 * (nint)width) + lane, hasBias ? TIsa.Add(y11, added) : y11);
        }
    }

    // A column of Aᵀ·m.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SumColumn<TIsa, TVector>(float* m, nint stride, out TVector top, out TVector bottom)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        nint down = WindowSize * stride;
        TVector m1 = TIsa.Load(m + down), m2 = TIsa.Load(m + (2 * down));
        top = TIsa.Add(TIsa.Add(TIsa.Load(m), m1), m2);
        bottom = TIsa.Subtract(TIsa.Subtract(m1, m2), TIsa.Load(m + (3 * down)));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Places<TIsa, TVector>(float* places, int width, float* result, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        for (int lane = 0; lane < width; lane += TIsa.Width)
        {
            float* y = places + lane;
            TVector y00 = TIsa.Load(y), y01 = TIsa.Load(y + width), y10 = TIsa.Load(y + (2 * (nint)width)), y11 = TIsa.Load(y + (3 * (nint)width));
            float* to = result + lane;
            SpreadRow<TIsa, TVector>(y00, y01, to, stride);
            SpreadRow<TIsa, TVector>(TIsa.Add(y00, y10), TIsa.Add(y01, y11), to + (4 * stride), stride);
            SpreadRow<TIsa, TVector>(TIsa.Subtract(y00, y10), TIsa.Subtract(y01, y11), to + (8 * stride), stride);
            SpreadRow<TIsa, TVector>(TIsa.Subtract(TIsa.Zero, y10), TIsa.Subtract(TIsa.Zero, y11), to + (12 * stride), stride);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Filters<TIsa, TVector>(float* sums, nint lanes, float* taps)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        nint down = WindowSize * lanes;
        TVector half = TIsa.Broadcast(0.5f);
        for (nint lane = 0; lane < lanes; lane += TIsa.Width)
        {
            float* m = sums + lane;
            FoldColumn<TIsa, TVector>(m, down, half, out TVector a0, out TVector b0, out TVector c0);
            FoldColumn<TIsa, TVector>(m + lanes, down, half, out TVector a1, out TVector b1, out TVector c1);
            FoldColumn<TIsa, TVector>(m + (2 * lanes), down, half, out TVector a2, out TVector b2, out TVector c2);
            FoldColumn<TIsa, TVector>(m + (3 * lanes), down, half, out TVector a3, out TVector b3, out TVector c3);
            float* to = taps + lane;
            Fold<TIsa, TVector>(a0, a1, a2, a3, half, to, lanes);
            Fold<TIsa, TVector>(b0, b1, b2, b3, half, to + (3 * lanes), lanes);
            Fold<TIsa, TVector>(c0, c1, c2, c3, half, to + (6 * lanes), lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SpreadRow<TIsa, TVector>(TVector left, TVector right, float* result, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        TIsa.Store(result, left);
        TIsa.Store(result + stride, TIsa.Add(left, right));
        TIsa.Store(result + (2 * stride), TIsa.Subtract(left, right));
        TIsa.Store(result + (3 * stride), TIsa.Subtract(TIsa.Zero, right));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FoldColumn<TIsa, TVector>(float* m, nint down, TVector half, out TVector first, out TVector second, out TVector third)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector m1 = TIsa.Load(m + down), m2 = TIsa.Load(m + (2 * down));
        TVector sum = TIsa.Multiply(half, TIsa.Add(m1, m2));
        first = TIsa.Add(TIsa.Load(m), sum);
        second = TIsa.Multiply(half, TIsa.Subtract(m1, m2));
        third = TIsa.Add(sum, TIsa.Load(m + (3 * down)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold<TIsa, TVector>(TVector m0, TVector m1, TVector m2, TVector m3, TVector half, float* taps, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector sum = TIsa.Multiply(half, TIsa.Add(m1, m2));
        TIsa.Store(taps, TIsa.Add(m0, sum));
        TIsa.Store(taps + stride, TIsa.Multiply(half, TIsa.Subtract(m1, m2)));
        TIsa.Store(taps + (2 * stride), TIsa.Add(sum, m3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Column(float g0, float g1, float g2, out float t0, out float t1, out float t2, out float t3)
    {
        float outer = g0 + g2;
        t0 = g0;
        t1 = 0.5f * (outer + g1);
        t2 = 0.5f * (outer - g1);
        t3 = g2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row(float g0, float g1, float g2, float* result, nint stride)
    {
        Column(g0, g1, g2, out float t0, out float t1, out float t2, out float t3);
        result[0] = t0;
        result[stride] = t1;
        result[2 * stride] = t2;
        result[3 * stride] = t3;
    }
}
