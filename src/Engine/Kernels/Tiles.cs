using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>Chooses the kernel of a tile's height and width.</summary>
internal static unsafe class Tiles<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary><see cref="TileKernel{TIsa, TVector, TRow, TRows}.Compute"/> of a tile of <paramref name="height"/> rows (4, 8 or 12) and <paramref name="width"/> columns (one to three vectors).</summary>
    public static void Compute(int height, int width, TileStep* steps, int count, float* slots, float* a, float* b, in TileTarget target)
    {
        if (width == TIsa.Width)
            Compute<Row1<TIsa, TVector>>(height, steps, count, slots, a, b, target);
        else if (width == 2 * TIsa.Width)
            Compute<Row2<TIsa, TVector>>(height, steps, count, slots, a, b, target);
        else
            Compute<Row3<TIsa, TVector>>(height, steps, count, slots, a, b, target);
    }

    /// <summary><see cref="ProductKernel{TIsa, TVector, TRow, TRows}.Compute"/> of tiles of <paramref name="height"/> rows (4, 8 or 12) and <paramref name="width"/> columns (one to three vectors).</summary>
    public static void ComputeProduct(int height, int width, int tiles, int depth, float* a, float* b, float* ahead, in TileTarget target)
    {
        if (width == TIsa.Width)
            ComputeProduct<Row1<TIsa, TVector>>(height, tiles, depth, a, b, ahead, target);
        else if (width == 2 * TIsa.Width)
            ComputeProduct<Row2<TIsa, TVector>>(height, tiles, depth, a, b, ahead, target);
        else
            ComputeProduct<Row3<TIsa, TVector>>(height, tiles, depth, a, b, ahead, target);
    }

    /// <summary><see cref="RowwiseKernel{TIsa, TVector, TRow, TRows}.Compute"/> of a tile of <paramref name="height"/> rows (4, 8 or 12) and <paramref name="width"/> columns (one to three vectors).</summary>
    public static void ComputeRowwise(int height, int width, in RowwisePart part, float* a, float* b, float* sums, in TileTarget target)
    {
        if (width == TIsa.Width)
            ComputeRowwise<Row1<TIsa, TVector>>(height, part, a, b, sums, target);
        else if (width == 2 * TIsa.Width)
            ComputeRowwise<Row2<TIsa, TVector>>(height, part, a, b, sums, target);
        else
            ComputeRowwise<Row3<TIsa, TVector>>(height, part, a, b, sums, target);
    }

    /// <summary>The tile of a product over leaves, of <paramref name="height"/> rows (4, 8 or 12) and <paramref name="width"/> columns (one to three vectors).</summary>
    public static void ComputeLeaves(int height, int width, TileStep* steps, int count, float* slots, float* a, float* b, float* output, nint stride)
    {
        if (width == TIsa.Width)
            ComputeLeaves<Row1<TIsa, TVector>>(height, steps, count, slots, a, b, output, stride);
        else if (width == 2 * TIsa.Width)
            ComputeLeaves<Row2<TIsa, TVector>>(height, steps, count, slots, a, b, output, stride);
        else
            ComputeLeaves<Row3<TIsa, TVector>>(height, steps, count, slots, a, b, output, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Compute<TRow>(int height, TileStep* steps, int count, float* slots, float* a, float* b, in TileTarget target)
        where TRow : struct, IVectorRow<TRow, TVector>
    {
        if (height == 12)
            TileKernel<TIsa, TVector, TRow, Rows12<TIsa, TVector, TRow>>.Compute(steps, count, slots, a, b, target);
        else if (height == 8)
            TileKernel<TIsa, TVector, TRow, Rows8<TIsa, TVector, TRow>>.Compute(steps, count, slots, a, b, target);
        else
            TileKernel<TIsa, TVector, TRow, Rows4<TIsa, TVector, TRow>>.Compute(steps, count, slots, a, b, target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ComputeProduct<TRow>(int height, int tiles, int depth, float* a, float* b, float* ahead, in TileTarget target)
        where TRow : struct, IVectorRow<TRow, TVector>
    {
        if (height == 12)
            ProductKernel<TIsa, TVector, TRow, Rows12<TIsa, TVector, TRow>>.Compute(tiles, depth, a, b, ahead, target);
        else if (height == 8)
            ProductKernel<TIsa, TVector, TRow, Rows8<TIsa, TVector, TRow>>.Compute(tiles, depth, a, b, ahead, target);
        else
            ProductKernel<TIsa, TVector, TRow, Rows4<TIsa, TVector, TRow>>.Compute(tiles, depth, a, b, ahead, target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ComputeLeaves<TRow>(int height, TileStep* steps, int count, float* slots, float* a, float* b, float* output, nint stride)
        where TRow : struct, IVectorRow<TRow, TVector>
    {
        if (height == 12)
            LeafKernel<TIsa, TVector, TRow, Rows12<TIsa, TVector, TRow>>.Compute(steps, count, slots, a, b, output, stride);
        else if (height == 8)
            LeafKernel<TIsa, TVector, TRow, Rows8<TIsa, TVector, TRow>>.Compute(steps, count, slots, a, b, output, stride);
        else
            LeafKernel<TIsa, TVector, TRow, Rows4<TIsa, TVector, TRow>>.Compute(steps, count, slots, a, b, output, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ComputeRowwise<TRow>(int height, in RowwisePart part, float* a, float* b, float* sums, in TileTarget target)
        where TRow : struct, IVectorRow<TRow, TVector>
    {
        if (height == 12)
            RowwiseKernel<TIsa, TVector, TRow, Rows12<TIsa, TVector, TRow>>.Compute(part, a, b, sums, target);
        else if (height == 8)
            RowwiseKernel<TIsa, TVector, TRow, Rows8<TIsa, TVector, TRow>>.Compute(part, a, b, sums, target);
        else
            RowwiseKernel<TIsa, TVector, TRow, Rows4<TIsa, TVector, TRow>>.Compute(part, a, b, sums, target);
    }
}
