using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels;

/// <summary>One block of k of a product: C = A·B, or C + A·B for the blocks after the first.</summary>
internal unsafe struct ProductJob<TIsa, TVector> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    // Panels of the left operand that stay in the second-level cache while the right one's go by: 96 rows of 512.
    private const int RowsInCache = 96;

    // Where lanes lie side by side so many panels of the right operand are packed at once: a row's cache lines are then read whole, and one after another.
    private const int PanelsTogether = 4;

    public ComputeCrew Crew;
    public TileGrid Grid;
    public OperandBlock<TIsa, TVector> Left;
    public float* PackedLeft;
    public OperandBlock<TIsa, TVector> Right;

    /// <summary>The right operand's panels, or null where each member packs a panel just before it uses it.</summary>
    public float* PackedRight;

    /// <summary>The output's first element.</summary>
    public float* Output;

    public nint OutputStride;

    /// <summary>Whether there were blocks before.</summary>
    public bool Continues;

    /// <summary>One number a column, padded to whole vectors, or null; set for the last block.</summary>
    public float* Bias;

    public readonly void Execute(int member, int members)
    {
        (WorkRange rows, WorkRange columns) = Grid.PartOf(member);
        float* ownPanel = PackedRight is null
            ? Crew.MemberScratch(member, (long)TileShape<TIsa, TVector>.Columns * PanelsTogether * Right.Depth)
            : null;
        int chunk = PackedRight is null ? (int)rows.Count : RowsInCache / TileShape<TIsa, TVector>.Rows;
        for (int first = (int)rows.Start; first < rows.End; first += chunk)
            Multiply(first, (int)Math.Min(rows.End, first + chunk), columns, ownPanel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Multiply(int firstRow, int lastRow, WorkRange columns, float* ownPanel)
    {
        float* edge = stackalloc float[TileShape<TIsa, TVector>.Size];
        float* packedRight = PackedRight;
        int together = Right.LanesAdjacent ? PanelsTogether : 1;
        for (int j = (int)columns.Start; j < columns.End; j++)
        {
            if (ownPanel is not null && (j - columns.Start) % together == 0)
            {
                packedRight = ownPanel - Right.PanelOffset(j);
                Right.PackPanels(j, (int)Math.Min(columns.End, j + together), packedRight);
            }
            float* b = packedRight + Right.PanelOffset(j);
            // A panel that this member packs itself is near already.
            float* ahead = PackedRight is null ? b : packedRight + Right.PanelOffset(j + 1 < columns.End ? j + 1 : (int)columns.Start);
            int width = Right.PanelWidth(j);
            float* bias = Bias is null ? null : Bias + ((nint)j * TileShape<TIsa, TVector>.Columns);
            int whole = firstRow;
            if (Right.PanelLanes(j) == width)
            {
                whole = Math.Max(firstRow, Math.Min(lastRow, Left.Lanes / TileShape<TIsa, TVector>.Rows));
                var target = new TileTarget { Output = OutputAt(firstRow, j), Stride = OutputStride, Continues = Continues, Bias = bias };
                Tiles<TIsa, TVector>.ComputeProduct(TileShape<TIsa, TVector>.Rows, width, whole - firstRow, Left.Depth, PackedLeft + Left.PanelOffset(firstRow), b, ahead, target);
            }
            for (int i = whole; i < lastRow; i++)
                MultiplyTile(i, j, b, bias, edge);
        }
    }

    // A tile that may be lower than others, or end beyond the output.
    private readonly void MultiplyTile(int i, int j, float* b, float* bias, float* edge)
    {
        int height = Left.PanelWidth(i), width = Right.PanelWidth(j);
        var tile = new OutputTile(OutputAt(i, j), OutputStride, Left.PanelLanes(i), Right.PanelLanes(j));
        bool fits = tile.Fills(height, width);
        TileTarget target = fits ? tile.Whole() : OutputTile.Edge(edge, width);
        if (!fits && Continues)
            tile.CopyTo(edge, width);
        target.Continues = Continues;
        target.Bias = bias;
        Tiles<TIsa, TVector>.ComputeProduct(height, width, 1, Left.Depth, PackedLeft + Left.PanelOffset(i), b, b, target);
        if (!fits)
            tile.CopyFrom(edge, width);
    }

    private readonly float* OutputAt(int i, int j) =>
        Output + ((nint)i * TileShape<TIsa, TVector>.Rows * OutputStride) + ((nint)j * TileShape<TIsa, TVector>.Columns);
}
