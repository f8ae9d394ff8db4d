using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// Which numbers of an array are kept, a bit each: bit i mod 8 of byte i/8. A number is multiplied by the factor where it is kept and by +0 where it is not,
/// so NaN stays NaN.
/// </summary>
internal static unsafe class KeepBits
{
    private const int Lanes = 8;

    /// <summary>bits[i] = words[i] ≥ threshold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Draw(uint* words, uint threshold, byte* bits, int count)
    {
        var bound = Vector256.Create(threshold);
        int i = 0;
        for (; i + Lanes <= count; i += Lanes)
            bits[i / Lanes] = (byte)Vector256.GreaterThanOrEqual(Vector256.Load(words + i), bound).ExtractMostSignificantBits();
        if (i == count)
            return;
        int last = 0;
        for (int lane = 0; lane < count - i; lane++)
            last |= words[i + lane] >= threshold ? 1 << lane : 0;
        bits[i / Lanes] = (byte)last;
    }

    /// <summary>y[i] = x[i]·(factor where bits[i], else +0).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Apply(byte* bits, float factor, float* x, float* y, int count)
    {
        var factors = Vector256.Create(factor);
        var places = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);
        int i = 0;
        for (; i + Lanes <= count; i += Lanes)
        {
            Vector256<int> kept = Vector256.Equals(Vector256.Create((int)bits[i / Lanes]) & places, places);
            (Vector256.Load(x + i) * (kept.AsSingle() & factors)).Store(y + i);
        }
        for (; i < count; i++)
            y[i] = x[i] * (((bits[i / Lanes] >> (i % Lanes)) & 1) != 0 ? factor : 0f);
    }
}
