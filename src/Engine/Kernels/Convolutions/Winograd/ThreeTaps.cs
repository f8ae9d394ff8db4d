using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>F(2×2, 3×3) with 16 products instead of 36, by the matrices of Lavin and Gray (2016, arXiv:1509.09308).</summary>
internal readonly unsafe struct ThreeTaps : IMinimalFiltering
{
    private const int WindowSize = 4;
    private const int Taps = 3;

    public static int TileSize
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Filters<TIsa, TVector>(float* taps, bool isRotated, int lanes, float* result, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector half = TIsa.Broadcast(0.5f);
        nint step = isRotated ? -lanes : lanes, down = Taps * step;
        float* first = isRotated ? taps + (((Taps * Taps) - 1) * (nint)lanes) : taps;
        for (int lane = 0; lane < lanes; lane += TIsa.Width)
        {
            float* g = first + lane, to = result + lane;
            Spread<TIsa, TVector>(TIsa.Load(g), TIsa.Load(g + down), TIsa.Load(g + (2 * down)), half, out TVector a0, out TVector a1, out TVector a2, out TVector a3);
            g += step;
            Spread<TIsa, TVector>(TIsa.Load(g), TIsa.Load(g + down), TIsa.Load(g + (2 * down)), half, out TVector b0, out TVector b1, out TVector b2, out TVector b3);
            g += step;
            Spread<TIsa, TVector>(TIsa.Load(g), TIsa.Load(g + down), TIsa.Load(g + (2 * down)), half, out TVector c0, out TVector c1, out TVector c2, out TVector c3);
            SpreadFilterRow<TIsa, TVector>(a0, b0, c0, half, to, stride);
            SpreadFilterRow<TIsa, TVector>(a1, b1, c1, half, to + (4 * stride), stride);
            SpreadFilterRow<TIsa, TVector>(a2, b2, c2, half, to + (8 * stride), stride);
            SpreadFilterRow<TIsa, TVector>(a3, b3, c3, half, to + (12 * stride), stride);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Window<TIsa, TVector>(float* d, nint step, float* to, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => Spread<TIsa, TVector>(TIsa.Load(d), TIsa.Load(d + step), TIsa.Load(d + (2 * step)), TIsa.Load(d + (3 * step)), to, stride);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WindowOfTiles<TIsa, TVector>(float* line, float* to, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        TIsa.LoadPairs(line, out TVector d0, out TVector d1);
        TIsa.LoadPairs(line + 2, out TVector d2, out TVector d3);
        Spread<TIsa, TVector>(d0, d1, d2, d3, to, stride);
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Places<TIsa, TVector>(float* y, nint step, float* to, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector y0 = TIsa.Load(y), y1 = TIsa.Load(y + step);
        TIsa.Store(to, y0);
        TIsa.Store(to + stride, TIsa.Add(y0, y1));
        TIsa.Store(to + (2 * stride), TIsa.Subtract(y0, y1));
        TIsa.Store(to + (3 * stride), TIsa.Subtract(TIsa.Zero, y1));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradients<TIsa, TVector>(float* sums, nint lanes, float* taps)
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

    // Bᵀ·d.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread<TIsa, TVector>(TVector d0, TVector d1, TVector d2, TVector d3, float* to, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        TIsa.Store(to, TIsa.Subtract(d0, d2));
        TIsa.Store(to + stride, TIsa.Add(d1, d2));
        TIsa.Store(to + (2 * stride), TIsa.Subtract(d2, d1));
        TIsa.Store(to + (3 * stride), TIsa.Subtract(d1, d3));
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
    private static void Spread<TIsa, TVector>(TVector g0, TVector g1, TVector g2, TVector half, out TVector t0, out TVector t1, out TVector t2, out TVector t3)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector outer = TIsa.Add(g0, g2);
        t0 = g0;
        t1 = TIsa.Multiply(half, TIsa.Add(outer, g1));
        t2 = TIsa.Multiply(half, TIsa.Subtract(outer, g1));
        t3 = g2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SpreadFilterRow<TIsa, TVector>(TVector g0, TVector g1, TVector g2, TVector half, float* result, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        Spread<TIsa, TVector>(g0, g1, g2, half, out TVector t0, out TVector t1, out TVector t2, out TVector t3);
        TIsa.Store(result, t0);
        TIsa.Store(result + stride, t1);
        TIsa.Store(result + (2 * stride), t2);
        TIsa.Store(result + (3 * stride), t3);
    }
}
