using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>The columns of an output that one panel of the right operand makes, of one block of k.</summary>
/// <param name="left">The left operand.</param>
/// <param name="packedLeft">Its panels.</param>
/// <param name="right">The right operand.</param>
/// <param name="output">The output's first element.</param>
/// <param name="stride">From one row of the output to the next.</param>
/// <param name="continues">Whether there were blocks before.</param>
/// <param name="bias">One number a column, padded to whole vectors, or null.</param>
internal readonly unsafe struct PanelProduct<TIsa, TVector>(
    OperandBlock<TIsa, TVector> left, float* packedLeft, OperandBlock<TIsa, TVector> right, float* output, nint stride, bool continues, float* bias)
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    /// <param name="panel">Number of the right operand's panel.</param>
    /// <param name="firstRow">The first panel of the left operand.</param>
    /// <param name="lastRow">After the last one.</param>
    /// <param name="b">The right operand's panel.</param>
    /// <param name="ahead">The panel that is used next, which is fetched.</param>
    /// <param name="edge">Memory for a tile.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Multiply(int panel, int firstRow, int lastRow, float* b, float* ahead, float* edge)
    {
        int width = right.PanelWidth(panel);
        float* panelBias = bias is null ? null : bias + ((nint)panel * TileShape<TIsa, TVector>.Columns);
        int whole = firstRow;
        if (right.PanelLanes(panel) == width)
        {
            whole = Math.Max(firstRow, Math.Min(lastRow, left.Lanes / TileShape<TIsa, TVector>.Rows));
            var target = new TileTarget { Output = OutputAt(firstRow, panel), Stride = stride, Continues = continues, Bias = panelBias };
            Tiles<TIsa, TVector>.ComputeProduct(TileShape<TIsa, TVector>.Rows, width, whole - firstRow, left.Depth, packedLeft + left.PanelOffset(firstRow), b, ahead, target);
        }
        for (int i = whole; i < lastRow; i++)
            MultiplyTile(i, panel, b, panelBias, edge);
    }

    // A tile that may be lower than others, or end beyond the output.
    private void MultiplyTile(int i, int panel, float* b, float* panelBias, float* edge)
    {
        int height = left.PanelWidth(i), width = right.PanelWidth(panel);
        var tile = new OutputTile(OutputAt(i, panel), stride, left.PanelLanes(i), right.PanelLanes(panel));
        bool fits = tile.Fills(height, width);
        TileTarget target = fits ? tile.Whole() : OutputTile.Edge(edge, width);
        if (!fits && continues)
            tile.CopyTo(edge, width);
        target.Continues = continues;
        target.Bias = panelBias;
        Tiles<TIsa, TVector>.ComputeProduct(height, width, 1, left.Depth, packedLeft + left.PanelOffset(i), b, b, target);
        if (!fits)
            tile.CopyFrom(edge, width);
    }

    private float* OutputAt(int i, int panel) =>
        output + ((nint)i * TileShape<TIsa, TVector>.Rows * stride) + ((nint)panel * TileShape<TIsa, TVector>.Columns);
}
