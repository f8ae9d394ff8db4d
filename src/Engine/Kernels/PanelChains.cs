using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// The columns of an output that one panel of the right operand makes, of one block of k of which a few are gone through at a time: the chains of all rows wait in memory in between.
/// Each goes through the block's k in order all the same, so no bit differs from a product in one go.
/// </summary>
/// <param name="left">The left operand's block.</param>
/// <param name="packedLeft">Its panels.</param>
/// <param name="output">The output's first element.</param>
/// <param name="stride">From one row of the output to the next.</param>
/// <param name="continues">Whether there were blocks before.</param>
/// <param name="bias">One number a column, padded to whole vectors, or null.</param>
internal readonly unsafe struct PanelChains<TIsa, TVector>(OperandBlock<TIsa, TVector> left, float* packedLeft, float* output, nint stride, bool continues, float* bias)
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    /// <param name="part">Which k.</param>
    /// <param name="k">The first of them.</param>
    /// <param name="column">The panel's first column.</param>
    /// <param name="columns">Its columns, at most a tile's.</param>
    /// <param name="b">The right operand: row k at b, as wide as the panel's vectors.</param>
    /// <param name="sums">The panel's chains: rows, padded as the left operand is, times the width of the panel's vectors.</param>
    /// <param name="edge">Memory for a tile.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Advance(RowwisePart part, int k, nint column, int columns, float* b, float* sums, float* edge)
    {
        int width = TileShape<TIsa, TVector>.WidthFor(columns);
        for (int i = 0; i < left.Panels; i++)
        {
            int height = left.PanelWidth(i);
            var tile = new OutputTile(output + ((nint)i * TileShape<TIsa, TVector>.Rows * stride) + column, stride, left.PanelLanes(i), columns);
            bool fits = tile.Fills(height, width);
            TileTarget target = fits ? tile.Whole() : OutputTile.Edge(edge, width);
            target.Continues = continues;
            target.Bias = bias is null ? null : bias + column;
            if (part.Ends && !fits && continues)
                tile.CopyTo(edge, width);
            Tiles<TIsa, TVector>.ComputeRowwise(height, width, part, packedLeft + left.PanelOffset(i) + ((nint)k * height), b, sums, target);
            if (part.Ends && !fits)
                tile.CopyFrom(edge, width);
            sums += height * width;
            // The next rows meet lines that have been fetched.
            part.Ahead = 0;
        }
    }
}
