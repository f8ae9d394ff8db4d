using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// The tile kernel of a product over leaves. There is one loop along k and its rest, no more: of a tile of twelve rows with a few multiply-adds beside them the compiler
/// would have more variables than it follows, and keep all sums in memory. Where the tile is done a zero becomes +0, whatever its sign.
/// </summary>
internal static unsafe class LeafKernel<TIsa, TVector, TRow, TRows>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TRow : struct, IVectorRow<TRow, TVector>
    where TRows : struct, ITileRows<TRows, TRow>
{
    /// <param name="steps">What to do, in order; at least one step.</param>
    /// <param name="count">How many steps.</param>
    /// <param name="slots">Tiles of <see cref="TileShape{TIsa, TVector}.Size"/> numbers each for partial sums.</param>
    /// <param name="a">The left panel: element (row, k) at a[k·height + row].</param>
    /// <param name="b">The right panel: row k at b + k·width.</param>
    /// <param name="output">Where the last step's sum goes.</param>
    /// <param name="stride">From one row of the output to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(TileStep* steps, int count, float* slots, float* a, float* b, float* output, nint stride)
    {
        for (TileStep* last = steps + count - 1; ; steps++)
        {
            TRows sum = default;
            nint k = steps->Depth;
            for (; k >= 4; k -= 4, a += 4 * TRows.Height, b += 4 * TRow.Length)
            {
                sum.MultiplyAdd(a, 0, TRow.Load(b, 0));
                sum.MultiplyAdd(a, TRows.Height, TRow.Load(b, TRow.Length));
                sum.MultiplyAdd(a, 2 * TRows.Height, TRow.Load(b, 2 * TRow.Length));
                sum.MultiplyAdd(a, 3 * TRows.Height, TRow.Load(b, 3 * TRow.Length));
            }
            for (; k > 0; k--, a += TRows.Height, b += TRow.Length)
                sum.MultiplyAdd(a, 0, TRow.Load(b, 0));
            if (steps->Continues)
                sum.AddTo(slots, TRow.Length);
            float* level = slots + TileShape<TIsa, TVector>.Size;
            for (int levels = steps->Levels; levels > 0; levels--, level += TileShape<TIsa, TVector>.Size)
                sum.AddTo(level, TRow.Length);
            if (steps == last)
            {
                sum.AddZero();
                sum.Store(output, stride);
                return;
            }
            sum.Store(slots + ((nint)steps->Slot * TileShape<TIsa, TVector>.Size), TRow.Length);
        }
    }
}
