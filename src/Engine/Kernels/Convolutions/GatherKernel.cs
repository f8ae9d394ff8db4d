using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>
/// The tile kernel for a right operand that is never laid out: row k of each of its vectors lies at an offset of its own from where the
/// vector's place is in the source. An element is the same chain of fused multiply-adds.
/// </summary>
internal static unsafe class GatherKernel<TIsa, TVector, TRow, TRows>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TRow : struct, IVectorRow<TRow, TVector>
    where TRows : struct, ITileRows<TRows, TRow>
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(int depth, float* a, int* offsets, float* b0, float* b1, float* b2, in TileTarget target)
    {
        TRows sum = default;
        for (int* end = offsets + depth; offsets != end; offsets++, a += TRows.Height)
        {
            nint k = *offsets;
            sum.MultiplyAdd(a, 0, TRow.Gather(b0 + k, b1 + k, b2 + k));
        }
        if (target.Continues)
            sum.AddTo(target.Output, target.Stride);
        if (target.RowBias is not null)
            sum.AddEach(target.RowBias);
        sum.Store(target.Output, target.Stride);
    }
}

/// <summary>Chooses the kernel of a tile's height and width.</summary>
internal static unsafe class GatherTiles<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    /// <param name="height">4, 8 or 12 rows.</param>
    /// <param name="width">One to three vectors.</param>
    /// <param name="depth">How many k.</param>
    /// <param name="a">The left panel: element (row, k) at a[k·height + row].</param>
    /// <param name="offsets">For each k where a vector lies, from its place.</param>
    /// <param name="places">Where each vector's place is in the source; three, of which the width tells how many are looked at.</param>
    /// <param name="target">Where the sums go.</param>
    public static void Compute(int height, int width, int depth, float* a, int* offsets, float** places, in TileTarget target)
    {
        if (width == TIsa.Width)
            Compute<Row1<TIsa, TVector>>(height, depth, a, offsets, places, target);
        else if (width == 2 * TIsa.Width)
            Compute<Row2<TIsa, TVector>>(height, depth, a, offsets, places, target);
        else
            Compute<Row3<TIsa, TVector>>(height, depth, a, offsets, places, target);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Compute<TRow>(int height, int depth, float* a, int* offsets, float** places, in TileTarget target)
        where TRow : struct, IVectorRow<TRow, TVector>
    {
        if (height == 12)
            GatherKernel<TIsa, TVector, TRow, Rows12<TIsa, TVector, TRow>>.Compute(depth, a, offsets, places[0], places[1], places[2], target);
        else if (height == 8)
            GatherKernel<TIsa, TVector, TRow, Rows8<TIsa, TVector, TRow>>.Compute(depth, a, offsets, places[0], places[1], places[2], target);
        else
            GatherKernel<TIsa, TVector, TRow, Rows4<TIsa, TVector, TRow>>.Compute(depth, a, offsets, places[0], places[1], places[2], target);
    }
}
