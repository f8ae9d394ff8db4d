using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>The transforms of F(2×2, 3×3) (Lavin and Gray 2016, arXiv:1509.09308) and of its transposed, which gives the filters' gradient. A lane is a tile, or where it ends in a filter's gradient, a filter.</summary>
internal static unsafe class WinogradTransform<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Bᵀ·d·B, lane by lane.</summary>
    /// <param name="windows">d [4, 4, width].</param>
    /// <param name="width">Lanes.</param>
    /// <param name="result">The first of the 16 results' lanes.</param>
    /// <param name="stride">From one result to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Windows(float* windows, int width, float* result, nint stride)
    {
        for (int lane = 0; lane < width; lane += TIsa.Width)
        {
            for (int column = 0; column < WinogradPlan.WindowSize; column++)
            {
                float* d = windows + ((nint)column * width) + lane;
                nint down = (nint)WinogradPlan.WindowSize * width;
                TVector d0 = TIsa.Load(d), d1 = TIsa.Load(d + down), d2 = TIsa.Load(d + (2 * down)), d3 = TIsa.Load(d + (3 * down));
                TIsa.Store(d, TIsa.Subtract(d0, d2));
                TIsa.Store(d + down, TIsa.Add(d1, d2));
                TIsa.Store(d + (2 * down), TIsa.Subtract(d2, d1));
                TIsa.Store(d + (3 * down), TIsa.Subtract(d1, d3));
            }
            float* to = result + lane;
            for (int row = 0; row < WinogradPlan.WindowSize; row++, to += WinogradPlan.WindowSize * stride)
            {
                float* t = windows + ((nint)row * WinogradPlan.WindowSize * width) + lane;
                TVector t0 = TIsa.Load(t), t1 = TIsa.Load(t + width), t2 = TIsa.Load(t + (2 * (nint)width)), t3 = TIsa.Load(t + (3 * (nint)width));
                TIsa.Store(to, TIsa.Subtract(t0, t2));
                TIsa.Store(to + stride, TIsa.Add(t1, t2));
                TIsa.Store(to + (2 * stride), TIsa.Subtract(t2, t1));
                TIsa.Store(to + (3 * stride), TIsa.Subtract(t1, t3));
            }
        }
    }

    /// <summary>Aᵀ·m·A and the bias, lane by lane.</summary>
    /// <param name="sums">m: the first of the 16 products' lanes.</param>
    /// <param name="stride">From one product to the next.</param>
    /// <param name="bias">What is added.</param>
    /// <param name="hasBias">Whether it is.</param>
    /// <param name="width">Lanes.</param>
    /// <param name="places">[2, 2, width], written.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Products(float* sums, nint stride, float bias, bool hasBias, int width, float* places)
    {
        TVector added = TIsa.Broadcast(bias);
        for (int lane = 0; lane < width; lane += TIsa.Width)
        {
            float* m = sums + lane;
            SumColumn(m, stride, out TVector top0, out TVector bottom0);
            SumColumn(m + stride, stride, out TVector top1, out TVector bottom1);
            SumColumn(m + (2 * stride), stride, out TVector top2, out TVector bottom2);
            SumColumn(m + (3 * stride), stride, out TVector top3, out TVector bottom3);
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
    private static void SumColumn(float* m, nint stride, out TVector top, out TVector bottom)
    {
        nint down = WinogradPlan.WindowSize * stride;
        TVector m1 = TIsa.Load(m + down), m2 = TIsa.Load(m + (2 * down));
        top = TIsa.Add(TIsa.Add(TIsa.Load(m), m1), m2);
        bottom = TIsa.Subtract(TIsa.Subtract(m1, m2), TIsa.Load(m + (3 * down)));
    }

    /// <summary>A·y·Aᵀ, lane by lane: what <see cref="Products"/> is the transposed of.</summary>
    /// <param name="places">y [2, 2, width].</param>
    /// <param name="width">Lanes.</param>
    /// <param name="result">The first of the 16 results' lanes.</param>
    /// <param name="stride">From one result to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Places(float* places, int width, float* result, nint stride)
    {
        for (int lane = 0; lane < width; lane += TIsa.Width)
        {
            float* y = places + lane;
            TVector y00 = TIsa.Load(y), y01 = TIsa.Load(y + width), y10 = TIsa.Load(y + (2 * (nint)width)), y11 = TIsa.Load(y + (3 * (nint)width));
            float* to = result + lane;
            SpreadRow(y00, y01, to, stride);
            SpreadRow(TIsa.Add(y00, y10), TIsa.Add(y01, y11), to + (4 * stride), stride);
            SpreadRow(TIsa.Subtract(y00, y10), TIsa.Subtract(y01, y11), to + (8 * stride), stride);
            SpreadRow(TIsa.Subtract(TIsa.Zero, y10), TIsa.Subtract(TIsa.Zero, y11), to + (12 * stride), stride);
        }
    }

    /// <summary>Gᵀ·m·G, lane by lane.</summary>
    /// <param name="sums">m [16, lanes].</param>
    /// <param name="lanes">Lanes, whole vectors.</param>
    /// <param name="taps">[9, lanes], written.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Filters(float* sums, nint lanes, float* taps)
    {
        nint down = WinogradPlan.WindowSize * lanes;
        TVector half = TIsa.Broadcast(0.5f);
        for (nint lane = 0; lane < lanes; lane += TIsa.Width)
        {
            float* m = sums + lane;
            FoldColumn(m, down, half, out TVector a0, out TVector b0, out TVector c0);
            FoldColumn(m + lanes, down, half, out TVector a1, out TVector b1, out TVector c1);
            FoldColumn(m + (2 * lanes), down, half, out TVector a2, out TVector b2, out TVector c2);
            FoldColumn(m + (3 * lanes), down, half, out TVector a3, out TVector b3, out TVector c3);
            float* to = taps + lane;
            Fold(a0, a1, a2, a3, half, to, lanes);
            Fold(b0, b1, b2, b3, half, to + (3 * lanes), lanes);
            Fold(c0, c1, c2, c3, half, to + (6 * lanes), lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SpreadRow(TVector left, TVector right, float* result, nint stride)
    {
        TIsa.Store(result, left);
        TIsa.Store(result + stride, TIsa.Add(left, right));
        TIsa.Store(result + (2 * stride), TIsa.Subtract(left, right));
        TIsa.Store(result + (3 * stride), TIsa.Subtract(TIsa.Zero, right));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FoldColumn(float* m, nint down, TVector half, out TVector first, out TVector second, out TVector third)
    {
        TVector m1 = TIsa.Load(m + down), m2 = TIsa.Load(m + (2 * down));
        TVector sum = TIsa.Multiply(half, TIsa.Add(m1, m2));
        first = TIsa.Add(TIsa.Load(m), sum);
        second = TIsa.Multiply(half, TIsa.Subtract(m1, m2));
        third = TIsa.Add(sum, TIsa.Load(m + (3 * down)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fold(TVector m0, TVector m1, TVector m2, TVector m3, TVector half, float* taps, nint stride)
    {
        TVector sum = TIsa.Multiply(half, TIsa.Add(m1, m2));
        TIsa.Store(taps, TIsa.Add(m0, sum));
        TIsa.Store(taps + stride, TIsa.Multiply(half, TIsa.Subtract(m1, m2)));
        TIsa.Store(taps + (2 * stride), TIsa.Add(sum, m3));
    }
}
