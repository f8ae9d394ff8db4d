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

    /// <summary>Whether whole tiles go through them two to a round.</summary>
    public bool Pairs;

    /// <summary>Partial sums that a tile keeps at most.</summary>
    public int Slots;

    /// <summary>Whether the output is stored past the caches, a <see cref="StreamedStrip"/> at a time; needs <see cref="PackedRight"/>.</summary>
    public bool Streams;

    public readonly void Execute(int member, int members)
    {
        (WorkRange rows, WorkRange columns) = Grid.PartOf(member, Streams ? StreamedStrip.Panels<TIsa, TVector>() : 1);
        long slots = (long)Slots * TileShape<TIsa, TVector>.Size;
        long panelSize = PackedRight is null ? (long)TileShape<TIsa, TVector>.Columns * Right.Depth : 0;
        long stripSize = Streams ? RowsTogether * StreamedStrip.Width : 0;
        float* scratch = Crew.MemberScratch(member, stripSize + slots + panelSize);
        int chunk = PackedRight is null ? (int)rows.Count : PanelsTogether();
        for (int first = (int)rows.Start; first < rows.End; first += chunk)
        {
            int last = (int)Math.Min(rows.End, first + chunk);
            if (Streams)
                Stream(first, last, columns, scratch, scratch + stripSize);
            else
                Multiply(first, last, columns, OutputAt(first, (int)columns.Start), OutputStride, scratch, scratch + slots);
        }
        if (Streams)
            StreamedStrip.Settle();
    }

    // The rows of a few panels lie on as many pages of the output as the address buffers hold, and the panels in the cache, while the right operand's go by.
    private readonly int PanelsTogether() => Math.Max(1, Math.Min(RowsTogether / TileShape<TIsa, TVector>.Rows, (int)(LeftTogether / (TileShape<TIsa, TVector>.Rows * Math.Max(1L, Left.Depth)))));

    private readonly void Stream(int firstRow, int lastRow, WorkRange columns, float* strip, float* slots)
    {
        int rows = Math.Min(lastRow * TileShape<TIsa, TVector>.Rows, Left.Lanes) - (firstRow * TileShape<TIsa, TVector>.Rows);
        int panels = StreamedStrip.Panels<TIsa, TVector>();
        for (long first = columns.Start; first < columns.End; first += panels)
        {
            long last = Math.Min(columns.End, first + panels);
            Multiply(firstRow, lastRow, new WorkRange(first, last), strip, StreamedStrip.Width, slots, null);
            int width = (int)Math.Min((last - first) * TileShape<TIsa, TVector>.Columns, Right.Lanes - (first * TileShape<TIsa, TVector>.Columns));
            StreamedStrip.Store(strip, rows, width, OutputAt(firstRow, (int)first), OutputStride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Multiply(int firstRow, int lastRow, WorkRange columns, float* target, nint stride, float* slots, float* ownPanel)
    {
        for (int j = (int)columns.Start; j < columns.End; j++, target += TileShape<TIsa, TVector>.Columns)
        {
            float* b = ownPanel;
            if (PackedRight is not null)
                b = PackedRight + Right.PanelOffset(j);
            else
                Right.PackPanel(j, ownPanel);
            int i = firstRow;
            float* rows = target;
            if (Pairs && Right.PanelLanes(j) == FourByThree<TIsa, TVector>.Width)
            {
                int whole = Math.Max(firstRow, Math.Min(lastRow, Left.Lanes / FourByThree<TIsa, TVector>.Height));
                PairedLeafKernel<TIsa, TVector>.Compute(whole - firstRow, Steps, StepCount, slots, PackedLeft + Left.PanelOffset(firstRow), b, target, stride);
                rows += (whole - firstRow) * FourByThree<TIsa, TVector>.Height * stride;
                i = whole;
            }
            for (; i < lastRow; i++, rows += TileShape<TIsa, TVector>.Rows * stride)
                MultiplyTile(i, j, b, new OutputTile(rows, stride, Left.PanelLanes(i), Right.PanelLanes(j)), slots);
        }
    }

    private readonly float* OutputAt(int i, int j) =>
        Output + ((nint)i * TileShape<TIsa, TVector>.Rows * OutputStride) + ((nint)j * TileShape<TIsa, TVector>.Columns);

    private readonly void MultiplyTile(int i, int j, float* b, in OutputTile tile, float* slots)
    {
        int height = Left.PanelWidth(i), width = Right.PanelWidth(j);
        // A strip is near already.
        if (!Streams)
            tile.Prefetch();
        bool whole = tile.Fills(height, width);
        TileTarget target = whole ? tile.Whole() : OutputTile.Edge(slots, width);
        float* a = PackedLeft + Left.PanelOffset(i);
        Tiles<TIsa, TVector>.ComputeLeaves(height, width, Steps, StepCount, slots, a, b, target.Output, target.Stride);
        if (!whole)
            tile.CopyFrom(slots, width);
    }
}
