using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// Folds an array in one fixed order at every width: element i goes to lane i mod 16, in order, and then lanes are combined as
/// a tree, lane j with lane j + 8, then j + 4, j + 2, j + 1.
/// </summary>
internal static unsafe class Reduction
{
    public const int Lanes = 16;

    public static float Fold<TOperator>(TOperator function, float* x, long count, float identity)
        where TOperator : struct, IBinaryOperator
    {
        if (VectorWidth.Lanes == Isa512.Width)
            return Fold<Isa512, Vector512<float>, TOperator>(function, x, count, identity);
        if (VectorWidth.Lanes == Isa256.Width)
            return Fold<Isa256, Vector256<float>, TOperator>(function, x, count, identity);
        if (VectorWidth.Lanes == Isa128.Width)
            return Fold<Isa128, Vector128<float>, TOperator>(function, x, count, identity);
        return Fold<IsaScalar, float, TOperator>(function, x, count, identity);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Fold<TIsa, TVector, TOperator>(TOperator function, float* x, long count, float identity)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
        where TOperator : struct, IBinaryOperator
    {
        float* lanes = stackalloc float[Lanes];
        new Span<float>(lanes, Lanes).Fill(identity);
        nint full = (nint)(count & ~(long)(Lanes - 1));
        // A vector's worth of lanes at a time runs down the array, so its partial results stay in a register.
        for (int lane = 0; lane < Lanes && full > 0; lane += TIsa.Width)
        {
            TVector partial = TIsa.Load(lanes + lane);
            for (nint i = lane; i < full; i += Lanes)
                partial = function.Apply<TIsa, TVector>(partial, TIsa.Load(x + i));
            TIsa.Store(lanes + lane, partial);
        }
        for (nint i = full; i < count; i++)
            lanes[i - full] = function.Apply<IsaScalar, float>(lanes[i - full], x[i]);
        for (int half = Lanes / 2; half > 0; half /= 2)
            for (int lane = 0; lane < half; lane++)
                lanes[lane] = function.Apply<IsaScalar, float>(lanes[lane], lanes[lane + half]);
        return lanes[0];
    }
}

/// <summary>y where it is larger, else x; so NaN never comes to be the largest.</summary>
internal readonly struct MaxOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x, TVector y)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => TIsa.Select(TIsa.LessThan(x, y), y, x);
}

/// <summary>Zero as long as only finite numbers came: y − y is NaN of all others.</summary>
internal readonly struct NotFiniteOperator : IBinaryOperator
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Apply<TIsa, TVector>(TVector x, TVector y)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => TIsa.Or(x, TIsa.Subtract(y, y));
}
