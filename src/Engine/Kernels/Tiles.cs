using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>Chooses the kernel of a tile's height and width.</summary>
internal static unsafe class Tiles<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    /// <param name="height">Rows: 4, 8 or 12. A panel of the left operand is as high.</param>
    /// <param name="width">Columns: one, two or three vectors.</param>
    /// <param name="depth">k.</param>
    /// <param name="a">The left panel, [depth, height].</param>
    /// <param name="b">The right panel's first row.</param>
    /// <param name="bStride">From one row of the right panel to the next.</param>
    /// <param name="target">What becomes of the sum.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(int height, int width, nint depth, float* a, float* b, nint bStride, in TileTarget target)
    {
        if (width == TIsa.Width)
            Compute<Row1<TIsa, TVector>>(height, depth, a, b, bStride, target);
        else if (width == 2 * TIsa.Width)
            Compute<Row2<TIsa, TVector>>(height, depth, a, b, bStride, target);
        else
            Compute<Row3<TIsa, TVector>>(height, depth, a, b, bStride, target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Compute<TRow>(int height, nint depth, float* a, float* b, nint bStride, in TileTarget target)
        where TRow : struct, IVectorRow<TRow, TVector>
    {
        if (height == 12)
            TileKernel<TIsa, TVector, TRow>.Rows12(depth, a, height, b, bStride, target);
        else if (height == 8)
            TileKernel<TIsa, TVector, TRow>.Rows8(depth, a, height, b, bStride, target);
        else
            TileKernel<TIsa, TVector, TRow>.Rows4(depth, a, height, b, bStride, target);
    }
}
