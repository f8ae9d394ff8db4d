using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>A transform along one axis, lane by lane.</summary>
internal unsafe interface IAxisTransform
{
    /// <param name="from">The first number's lanes.</param>
    /// <param name="step">From one number to the next.</param>
    /// <param name="to">The first result's lanes.</param>
    /// <param name="stride">From one result to the next.</param>
    static abstract void Apply<TIsa, TVector>(float* from, nint step, float* to, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct;
}

/// <summary>Bᵀ·d of what a tile sees.</summary>
internal readonly unsafe struct WindowTransform<TFiltering> : IAxisTransform
    where TFiltering : struct, IMinimalFiltering
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Apply<TIsa, TVector>(float* from, nint step, float* to, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => TFiltering.Window<TIsa, TVector>(from, step, to, stride);
}

/// <summary>A·y of a tile's places.</summary>
internal readonly unsafe struct PlaceTransform<TFiltering> : IAxisTransform
    where TFiltering : struct, IMinimalFiltering
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Apply<TIsa, TVector>(float* from, nint step, float* to, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct => TFiltering.Places<TIsa, TVector>(from, step, to, stride);
}

/// <summary>A transform down the columns of rows that are longer than a vector, or not.</summary>
internal static unsafe class ColumnTransform<TTransform>
    where TTransform : struct, IAxisTransform
{
    /// <summary>Every column's numbers are transformed.</summary>
    /// <param name="rows">The first row.</param>
    /// <param name="step">From one row to the next.</param>
    /// <param name="columns">How many numbers of each.</param>
    /// <param name="to">The first row of the result.</param>
    /// <param name="stride">From one of its rows to the next.</param>
    public static void Apply<TIsa, TVector>(float* rows, nint step, int columns, float* to, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        if (columns >= TIsa.Width)
            ApplyVectors<TIsa, TVector>(rows, step, columns, to, stride);
        else if (columns >= Isa128.Width)
            ApplyVectors<Isa128, Vector128<float>>(rows, step, columns, to, stride);
        else if (columns > 0)
            ApplyVectors<IsaScalar, float>(rows, step, columns, to, stride);
    }

    // The last vector ends with the row, and may do again what the one before did.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ApplyVectors<TIsa, TVector>(float* rows, nint step, int columns, float* to, nint stride)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        int last = columns - TIsa.Width;
        for (int column = 0; column < last; column += TIsa.Width)
            TTransform.Apply<TIsa, TVector>(rows + column, step, to + column, stride);
        TTransform.Apply<TIsa, TVector>(rows + last, step, to + last, stride);
    }
}
