using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// The same as <see cref="PlaneMoments"/> where the channels lie side by side: a row brings one number to each channel's sum, so a channel's sum is a chain over the
/// rows in order.
/// </summary>
internal static unsafe class RowMoments
{
    private const int Vector = 4;

    /// <summary>sums[c] += x[c].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum(float* x, double* sums, int channels)
    {
        int c = 0;
        for (; c + Vector <= channels; c += Vector)
            (Vector256.Load(sums + c) + Wide(x + c)).Store(sums + c);
        for (; c < channels; c++)
            sums[c] += x[c];
    }

    /// <summary>sums[c] += (x[c] − means[c])².</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SquaredDistances(float* x, double* means, double* sums, int channels)
    {
        int c = 0;
        for (; c + Vector <= channels; c += Vector)
        {
            Vector256<double> distance = Wide(x + c) - Vector256.Load(means + c);
            Vector256.FusedMultiplyAdd(distance, distance, Vector256.Load(sums + c)).Store(sums + c);
        }
        for (; c < channels; c++)
            sums[c] = double.FusedMultiplyAdd(x[c] - means[c], x[c] - means[c], sums[c]);
    }

    /// <summary>sums[c] += dy[c]·(x[c] − means[c]).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Products(float* dy, float* x, double* means, double* sums, int channels)
    {
        int c = 0;
        for (; c + Vector <= channels; c += Vector)
            Vector256.FusedMultiplyAdd(Wide(dy + c), Wide(x + c) - Vector256.Load(means + c), Vector256.Load(sums + c)).Store(sums + c);
        for (; c < channels; c++)
            sums[c] = double.FusedMultiplyAdd(dy[c], x[c] - means[c], sums[c]);
    }

    /// <summary>y[c] = ((x[c] − high[c]) − low[c])·scale[c] + shift[c].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Normalize(float* x, float* y, int channels, float* high, float* low, float* scale, float* shift)
    {
        int c = 0;
        for (; c + Vector <= channels; c += Vector)
        {
            Vector128<float> distance = Vector128.Load(x + c) - Vector128.Load(high + c) - Vector128.Load(low + c);
            Vector128.FusedMultiplyAdd(distance, Vector128.Load(scale + c), Vector128.Load(shift + c)).Store(y + c);
        }
        for (; c < channels; c++)
            y[c] = float.FusedMultiplyAdd(x[c] - high[c] - low[c], scale[c], shift[c]);
    }

    /// <summary>dx[c] = ((x[c] − high[c]) − low[c])·slope[c] + (dy[c]·scale[c] + shift[c]).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void InputGradient(float* x, float* dy, float* dx, int channels, float* high, float* low, float* scale, float* shift, float* slope)
    {
        int c = 0;
        for (; c + Vector <= channels; c += Vector)
        {
            Vector128<float> distance = Vector128.Load(x + c) - Vector128.Load(high + c) - Vector128.Load(low + c);
            Vector128<float> first = Vector128.FusedMultiplyAdd(Vector128.Load(dy + c), Vector128.Load(scale + c), Vector128.Load(shift + c));
            Vector128.FusedMultiplyAdd(distance, Vector128.Load(slope + c), first).Store(dx + c);
        }
        for (; c < channels; c++)
            dx[c] = float.FusedMultiplyAdd(x[c] - high[c] - low[c], slope[c], float.FusedMultiplyAdd(dy[c], scale[c], shift[c]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Wide(float* x)
    {
        Vector128<float> numbers = Vector128.Load(x);
        return Vector256.Create(Vector128.WidenLower(numbers), Vector128.WidenUpper(numbers));
    }
}
