using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// A product whose k runs over samples: every tile goes through all leaves while its partial sums of the tree, one a level,
/// stay in the first-level cache.
/// </summary>
internal unsafe struct LeafProductJob<TIsa, TVector> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    private const int RowsTogether = 48;

    // Numbers of the left operand that stay in the second-level cache: 256 KiB.
    private const int LeftTogether = 64 * 1024;

    public ComputeCrew Crew;
    public TileGrid Grid;
    public OperandBlock<TIsa, TVector> Left;
    public float* PackedLeft;
    public OperandBlock<TIsa, TVector> Right;

    /// <summary>The right operand's panels, or null where each member packs a panel just before it uses it.</summary>
    public float* PackedRight;

    public float* Output;
    public nint OutputStride;

    /// <summary>What every tile goes through.</summary>
    public TileStep* Steps;

    public int StepCount;

    /// <summary>How every tile goes through them.</summary>
    public LeafOrder Order;

    /// <summary>Partial sums that a tile keeps at most.</summary>
    public int Slots;

    public readonly void Execute(int member, int members)
    {
        (WorkRange rows, WorkRange columns) = Grid.PartOf(member);
        long slots = (long)Slots * TileShape<TIsa, TVector>.Size;
        long panelSize = PackedRight is null ? (long)TileShape<TIsa, TVector>.Columns * Right.Depth : 0;
        float* scratch = Crew.MemberScratch(member, slots + panelSize);
        int chunk = PackedRight is null ? (int)rows.Count : PanelsTogether();
        for (int first = (int)rows.Start; first < rows.End; first += chunk)
            Multiply(first, (int)Math.Min(rows.End, first + chunk), columns, scratch, scratch + slots);
    }

    // The rows of a few panels lie on as many pages of the output as the address buffers hold, and the panels in the cache, while the right operand's go by.
    private readonly int PanelsTogether() => Math.Max(1, Math.Min(RowsTogether / TileShape<TIsa, TVector>.Rows, (int)(LeftTogether / (TileShape<TIsa, TVector>.Rows * Math.Max(1L, Left.Depth)))));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Multiply(int firstRow, int lastRow, WorkRange columns, float* slots, float* ownPanel)
    {
        for (int j = (int)columns.Start; j < columns.End; j++)
        {
            float* b = ownPanel;
            if (PackedRight is not null)
                b = PackedRight + Right.PanelOffset(j);
            else
                Right.PackPanel(j, ownPanel);
            int i = firstRow;
            if (Order == LeafOrder.TwoToARound && Right.PanelLanes(j) == FourByThree<TIsa, TVector>.Width)
            {
                int whole = Math.Max(firstRow, Math.Min(lastRow, Left.Lanes / FourByThree<TIsa, TVector>.Height));
                PairedLeafKernel<TIsa, TVector>.Compute(whole - firstRow, Steps, StepCount, slots, PackedLeft + Left.PanelOffset(firstRow), b, OutputAt(firstRow, j), OutputStride);
                i = whole;
            }
            for (; i < lastRow; i++)
                MultiplyTile(i, j, b, slots);
        }
    }

    private readonly float* OutputAt(int i, int j) =>
        Output + ((nint)i * TileShape<TIsa, TVector>.Rows * OutputStride) + ((nint)j * TileShape<TIsa, TVector>.Columns);

    private readonly void MultiplyTile(int i, int j, float* b, float* slots)
    {
        int height = Left.PanelWidth(i), width = Right.PanelWidth(j);
        var tile = new OutputTile(OutputAt(i, j), OutputStride, Left.PanelLanes(i), Right.PanelLanes(j));
        tile.Prefetch();
        bool whole = tile.Fills(height, width);
        TileTarget target = whole ? tile.Whole() : OutputTile.Edge(slots, width);
        float* a = PackedLeft + Left.PanelOffset(i);
        Tiles<TIsa, TVector>.ComputeLeaves(Order, height, width, Steps, StepCount, slots, a, b, target.Output, target.Stride);
        if (!whole)
            tile.CopyFrom(slots, width);
    }
}
