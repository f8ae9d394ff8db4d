using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>
/// Four places of a sum with five taps from eleven products instead of twenty, by two filterings one inside the other. Even and odd places, taps and inputs are taken apart: with Gₑ = (g₀, g₂, g₄), Gₒ = (g₁, g₃), Dₑ = (d₀, d₂, …), Dₒ = (d₁, d₃, …), Dₙ = (d₂, d₄, …) and ∗ for a sum over a
/// filter's taps, Yₑ = Dₑ∗Gₑ + Dₒ∗Gₒ and Yₒ = Dₒ∗Gₑ + Dₙ∗Gₒ are two places of a filter with two taps, at the points 1, −1 and ∞:
/// P = (Dₑ + Dₒ)∗½(Gₑ + Gₒ), Q = (Dₑ − Dₒ)∗½(Gₑ − Gₒ), R = (Dₙ − Dₑ)∗Gₒ; Yₑ = P + Q, Yₒ = P − Q + R. P and Q are two places of three taps, F(2, 3) with the matrices of Lavin and Gray (2016), four products each; R is two places of two taps, three products by the same three points.
/// </summary>
/// <remarks>The points 0, 1 and ∞ take fewer additions, but their errors are half as large again as these' in both dimensions, and the eight products of one filtering, F(4, 5), have numbers up to 8 in its matrices.</remarks>
internal static unsafe class FiveTapsAxis<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Bᵀ·d: eleven numbers of eight. All may be written over what they are made of.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Window(float* d, nint step, float* to, nint stride)
    {
        TVector d0 = TIsa.Load(d), d1 = TIsa.Load(d + step), d2 = TIsa.Load(d + (2 * step)), d3 = TIsa.Load(d + (3 * step));
        TVector d4 = TIsa.Load(d + (4 * step)), d5 = TIsa.Load(d + (5 * step)), d6 = TIsa.Load(d + (6 * step)), d7 = TIsa.Load(d + (7 * step));
        Spread(d0, d1, d2, d3, d4, d5, d6, d7, to, stride);
    }

    /// <summary>The same of eight numbers of a line for each lane, four apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WindowOfTiles(float* line, float* to, nint stride)
    {
        TIsa.LoadFours(line, out TVector d0, out TVector d1, out TVector d2, out TVector d3);
        TIsa.LoadFours(line + 4, out TVector d4, out TVector d5, out TVector d6, out TVector d7);
        Spread(d0, d1, d2, d3, d4, d5, d6, d7, to, stride);
    }

    /// <summary>G·g: eleven numbers of five.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Filters(float* g, nint step, float* to, nint stride)
    {
        TVector half = TIsa.Broadcast(0.5f);
        TVector g0 = TIsa.Load(g), g1 = TIsa.Load(g + step), g2 = TIsa.Load(g + (2 * step)), g3 = TIsa.Load(g + (3 * step)), last = TIsa.Multiply(half, TIsa.Load(g + (4 * step)));
        Filters(TIsa.Multiply(half, TIsa.Add(g0, g1)), TIsa.Multiply(half, TIsa.Add(g2, g3)), last, half, to, stride);
        Filters(TIsa.Multiply(half, TIsa.Subtract(g0, g1)), TIsa.Multiply(half, TIsa.Subtract(g2, g3)), last, half, to + (4 * stride), stride);
        TIsa.Store(to + (8 * stride), TIsa.Multiply(half, TIsa.Add(g1, g3)));
        TIsa.Store(to + (9 * stride), TIsa.Multiply(half, TIsa.Subtract(g1, g3)));
        TIsa.Store(to + (10 * stride), g3);
    }

    /// <summary>Aᵀ·m, and what is added: four numbers of eleven.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Products(float* m, nint step, TVector added, bool isAdded, float* to, nint stride)
    {
        Products(m, step, out TVector p0, out TVector p1);
        Products(m + (4 * step), step, out TVector q0, out TVector q1);
        TVector plus = TIsa.Load(m + (8 * step)), minus = TIsa.Load(m + (9 * step));
        TVector r0 = TIsa.Add(plus, minus), r1 = TIsa.Add(TIsa.Subtract(plus, minus), TIsa.Load(m + (10 * step)));
        TVector y0 = TIsa.Add(p0, q0), y1 = TIsa.Add(TIsa.Subtract(p0, q0), r0), y2 = TIsa.Add(p1, q1), y3 = TIsa.Add(TIsa.Subtract(p1, q1), r1);
        TIsa.Store(to, isAdded ? TIsa.Add(y0, added) : y0);
        TIsa.Store(to + stride, isAdded ? TIsa.Add(y1, added) : y1);
        TIsa.Store(to + (2 * stride), isAdded ? TIsa.Add(y2, added) : y2);
        TIsa.Store(to + (3 * stride), isAdded ? TIsa.Add(y3, added) : y3);
    }

    /// <summary>A·y: eleven numbers of four.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Places(float* y, nint step, float* to, nint stride)
    {
        TVector y0 = TIsa.Load(y), y1 = TIsa.Load(y + step), y2 = TIsa.Load(y + (2 * step)), y3 = TIsa.Load(y + (3 * step));
        Places(TIsa.Add(y0, y1), TIsa.Add(y2, y3), to, stride);
        Places(TIsa.Subtract(y0, y1), TIsa.Subtract(y2, y3), to + (4 * stride), stride);
        TIsa.Store(to + (8 * stride), TIsa.Add(y1, y3));
        TIsa.Store(to + (9 * stride), TIsa.Subtract(y1, y3));
        TIsa.Store(to + (10 * stride), y3);
    }

    /// <summary>Gᵀ·m: five numbers of eleven.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Gradients(float* m, nint step, float* to, nint stride)
    {
        TVector half = TIsa.Broadcast(0.5f);
        Gradients(m, step, half, out TVector p0, out TVector p1, out TVector p2);
        Gradients(m + (4 * step), step, half, out TVector q0, out TVector q1, out TVector q2);
        TVector plus = TIsa.Load(m + (8 * step)), minus = TIsa.Load(m + (9 * step));
        TVector r0 = TIsa.Multiply(half, TIsa.Add(plus, minus)), r1 = TIsa.Add(TIsa.Multiply(half, TIsa.Subtract(plus, minus)), TIsa.Load(m + (10 * step)));
        TIsa.Store(to, TIsa.Multiply(half, TIsa.Add(p0, q0)));
        TIsa.Store(to + stride, TIsa.Add(TIsa.Multiply(half, TIsa.Subtract(p0, q0)), r0));
        TIsa.Store(to + (2 * stride), TIsa.Multiply(half, TIsa.Add(p1, q1)));
        TIsa.Store(to + (3 * stride), TIsa.Add(TIsa.Multiply(half, TIsa.Subtract(p1, q1)), r1));
        TIsa.Store(to + (4 * stride), TIsa.Multiply(half, TIsa.Add(p2, q2)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Spread(TVector d0, TVector d1, TVector d2, TVector d3, TVector d4, TVector d5, TVector d6, TVector d7, float* to, nint stride)
    {
        Window(TIsa.Add(d0, d1), TIsa.Add(d2, d3), TIsa.Add(d4, d5), TIsa.Add(d6, d7), to, stride);
        Window(TIsa.Subtract(d0, d1), TIsa.Subtract(d2, d3), TIsa.Subtract(d4, d5), TIsa.Subtract(d6, d7), to + (4 * stride), stride);
        TVector first = TIsa.Subtract(d2, d0);
        TIsa.Store(to + (8 * stride), TIsa.Subtract(d4, d0));
        TIsa.Store(to + (9 * stride), TIsa.Subtract(first, TIsa.Subtract(d4, d2)));
        TIsa.Store(to + (10 * stride), TIsa.Subtract(TIsa.Subtract(d6, d4), first));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Window(TVector d0, TVector d1, TVector d2, TVector d3, float* to, nint stride)
    {
        TIsa.Store(to, TIsa.Subtract(d0, d2));
        TIsa.Store(to + stride, TIsa.Add(d1, d2));
        TIsa.Store(to + (2 * stride), TIsa.Subtract(d2, d1));
        TIsa.Store(to + (3 * stride), TIsa.Subtract(d1, d3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Filters(TVector g0, TVector g1, TVector g2, TVector half, float* to, nint stride)
    {
        TVector outer = TIsa.Add(g0, g2);
        TIsa.Store(to, g0);
        TIsa.Store(to + stride, TIsa.Multiply(half, TIsa.Add(outer, g1)));
        TIsa.Store(to + (2 * stride), TIsa.Multiply(half, TIsa.Subtract(outer, g1)));
        TIsa.Store(to + (3 * stride), g2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Products(float* m, nint step, out TVector first, out TVector second)
    {
        TVector m1 = TIsa.Load(m + step), m2 = TIsa.Load(m + (2 * step));
        first = TIsa.Add(TIsa.Add(TIsa.Load(m), m1), m2);
        second = TIsa.Subtract(TIsa.Subtract(m1, m2), TIsa.Load(m + (3 * step)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Places(TVector y0, TVector y1, float* to, nint stride)
    {
        TIsa.Store(to, y0);
        TIsa.Store(to + stride, TIsa.Add(y0, y1));
        TIsa.Store(to + (2 * stride), TIsa.Subtract(y0, y1));
        TIsa.Store(to + (3 * stride), TIsa.Subtract(TIsa.Zero, y1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gradients(float* m, nint step, TVector half, out TVector first, out TVector second, out TVector third)
    {
        TVector m1 = TIsa.Load(m + step), m2 = TIsa.Load(m + (2 * step));
        TVector sum = TIsa.Multiply(half, TIsa.Add(m1, m2));
        first = TIsa.Add(TIsa.Load(m), sum);
        second = TIsa.Multiply(half, TIsa.Subtract(m1, m2));
        third = TIsa.Add(sum, TIsa.Load(m + (3 * step)));
    }
}
