using System.Runtime.CompilerServices;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>G·g·Gᵀ of one filter.</summary>
internal static unsafe class FilterTransform
{
    /// <param name="filter">g [3, 3].</param>
    /// <param name="isRotated">Whether the taps are read from the last to the first.</param>
    /// <param name="result">The first of the 16 numbers.</param>
    /// <param name="stride">From one of them to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Apply(float* filter, bool isRotated, float* result, nint stride)
    {
        nint step = isRotated ? -1 : 1;
        float* g = isRotated ? filter + (WinogradPlan.Taps * WinogradPlan.Taps) - 1 : filter;
        nint down = step * WinogradPlan.Taps;
        Column(g[0], g[down], g[2 * down], out float a0, out float a1, out float a2, out float a3);
        Column(g[step], g[down + step], g[(2 * down) + step], out float b0, out float b1, out float b2, out float b3);
        Column(g[2 * step], g[down + (2 * step)], g[(2 * down) + (2 * step)], out float c0, out float c1, out float c2, out float c3);
        Row(a0, b0, c0, result, stride);
        Row(a1, b1, c1, result + (4 * stride), stride);
        Row(a2, b2, c2, result + (8 * stride), stride);
        Row(a3, b3, c3, result + (12 * stride), stride);
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
