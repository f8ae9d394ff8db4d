using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// Drives operators over arrays. The tail goes through the same vector code by way of a padded copy, so an element's
/// bits do not depend on where it lies. Results may lie where an argument lies.
/// </summary>
internal static unsafe class Elementwise
{
    // Two vectors of 512 bits.
    private const int LongestVector = 32;

    public static void Map<TOperator>(TOperator function, float* x, float* result, long count)
        where TOperator : struct, IUnaryOperator
    {
        if (VectorWidth.Lanes == Isa512.Width)
            MapAtWidth<Isa512, Vector512<float>, TOperator>(function, x, result, count);
        else if (VectorWidth.Lanes == Isa256.Width)
            MapAtWidth<Isa256, Vector256<float>, TOperator>(function, x, result, count);
        else if (VectorWidth.Lanes == Isa128.Width)
            MapAtWidth<Isa128, Vector128<float>, TOperator>(function, x, result, count);
        else
            MapAtWidth<IsaScalar, float, TOperator>(function, x, result, count);
    }

    public static void Map<TOperator>(TOperator function, float* x, float* y, float* result, long count)
        where TOperator : struct, IBinaryOperator
    {
        if (VectorWidth.Lanes == Isa512.Width)
            Map<Isa512, Vector512<float>, TOperator>(function, x, y, result, count);
        else if (VectorWidth.Lanes == Isa256.Width)
            Map<Isa256, Vector256<float>, TOperator>(function, x, y, result, count);
        else if (VectorWidth.Lanes == Isa128.Width)
            Map<Isa128, Vector128<float>, TOperator>(function, x, y, result, count);
        else
            Map<IsaScalar, float, TOperator>(function, x, y, result, count);
    }

    /// <summary>Two vectors at a time where the operator is a chain, else one.</summary>
    public static void MapAtWidth<TIsa, TVector, TOperator>(TOperator function, float* x, float* result, long count)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
        where TOperator : struct, IUnaryOperator
    {
        if (TOperator.IsChain)
            Map<Twice<TIsa, TVector>, Pair<TVector>, TOperator>(function, x, result, count);
        else
            Map<TIsa, TVector, TOperator>(function, x, result, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Map<TIsa, TVector, TOperator>(TOperator function, float* x, float* result, long count)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
        where TOperator : struct, IUnaryOperator
    {
        nint full = (nint)(count - (count % TIsa.Width));
        for (nint i = 0; i < full; i += TIsa.Width)
            TIsa.Store(result + i, function.Apply<TIsa, TVector>(TIsa.Load(x + i)));
        if (full < count)
            MapRest<TIsa, TVector, TOperator>(function, x + full, result + full, (int)(count - full));
    }

    // A method of its own: a long operator twice in one method is more than the compiler is willing to inline.
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void MapRest<TIsa, TVector, TOperator>(TOperator function, float* x, float* result, int count)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
        where TOperator : struct, IUnaryOperator
    {
        float* tail = stackalloc float[LongestVector];
        Copy(x, tail, count);
        TIsa.Store(tail, function.Apply<TIsa, TVector>(TIsa.Load(tail)));
        Copy(tail, result, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Map<TIsa, TVector, TOperator>(TOperator function, float* x, float* y, float* result, long count)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
        where TOperator : struct, IBinaryOperator
    {
        nint full = (nint)(count - (count % TIsa.Width));
        for (nint i = 0; i < full; i += TIsa.Width)
            TIsa.Store(result + i, function.Apply<TIsa, TVector>(TIsa.Load(x + i), TIsa.Load(y + i)));
        int rest = (int)(count - full);
        if (rest == 0)
            return;
        float* xTail = stackalloc float[LongestVector];
        float* yTail = stackalloc float[LongestVector];
        Copy(x + full, xTail, rest);
        Copy(y + full, yTail, rest);
        TIsa.Store(xTail, function.Apply<TIsa, TVector>(TIsa.Load(xTail), TIsa.Load(yTail)));
        Copy(xTail, result + full, rest);
    }

    private static void Copy(float* source, float* destination, int count)
    {
        for (int i = 0; i < count; i++)
            destination[i] = source[i];
    }
}
