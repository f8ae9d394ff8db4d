using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>The tile kernel of a product whose right operand is read where it lies: a few k of a block, whose chains go on from the sums that those before left.</summary>
internal static unsafe class RowwiseKernel<TIsa, TVector, TRow, TRows>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TRow : struct, IVectorRow<TRow, TVector>
    where TRows : struct, ITileRows<TRows, TRow>
{
    /// <param name="part">Which k.</param>
    /// <param name="a">The left panel: element (row, k) at a[k·height + row].</param>
    /// <param name="b">The right operand: row k at b + k·stride.</param>
    /// <param name="sums">A tile of chains that are under way.</param>
    /// <param name="target">Where sums go after a block's last k.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(in RowwisePart part, float* a, float* b, float* sums, in TileTarget target)
    {
        TRows sum = part.Begins ? default : TRows.Load(sums, TRow.Length);
        nint stride = part.Stride, ahead = part.Ahead;
        for (nint k = part.Depth; k > 0; k--, a += TRows.Height, b += stride)
        {
            CacheLines.PrefetchTwoAhead(b + ahead);
            sum.MultiplyAdd(a, 0, TRow.Load(b, 0));
        }
        if (!part.Ends)
        {
            sum.Store(sums, TRow.Length);
            return;
        }
        if (target.Continues)
            sum.AddTo(target.Output, target.Stride);
        if (target.Bias is not null)
            sum.AddTo(target.Bias, 0);
        sum.Store(target.Output, target.Stride);
    }
}

/// <summary>A few k of a block.</summary>
internal struct RowwisePart
{
    /// <summary>How many.</summary>
    public int Depth;

    /// <summary>Whether they are the block's first.</summary>
    public bool Begins;

    /// <summary>Whether they are its last.</summary>
    public bool Ends;

    /// <summary>From one row of the right operand to the next.</summary>
    public nint Stride;

    /// <summary>How many numbers ahead its rows are fetched.</summary>
    public nint Ahead;
}
