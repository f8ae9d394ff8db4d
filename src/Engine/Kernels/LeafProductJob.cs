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
    // 24 KiB of a panel, and 96 rows of it in the second-level cache.
    private static readonly int DeepStretch = 6 * 1024 / TileShape<TIsa, TVector>.Columns;
    private static readonly int DeepRows = 96 / TileShape<TIsa, TVector>.Rows;

    public ComputeCrew Crew;
    public TileGrid Grid;
    public OperandBlock<TIsa, TVector> Left;
    public float* PackedLeft;
    public OperandBlock<TIsa, TVector> Right;

    /// <summary>The right operand's panels, or null where whole panels are read where they lie and others packed by who uses them.</summary>
    public float* PackedRight;

    public float* Output;
    public nint OutputStride;

    /// <summary>What every tile goes through.</summary>
    public TileStep* Steps;

    public int StepCount;

    /// <summary>Whether k is so long that it is gone through in stretches; the right operand is packed then.</summary>
    public bool IsDeep;

    /// <summary>Whether two leaves are summed at a time.</summary>
    public bool Pairs;

    /// <summary>Partial sums that a tile keeps at most.</summary>
    public int Slots;

    /// <summary>Whether a whole panel of the right operand has no room in the first-level cache.</summary>
    public static bool IsDeepFor(int depth) => depth > DeepStretch;

    public readonly void Execute(int member, int members)
    {
        (WorkRange rows, WorkRange columns) = Grid.PartOf(member);
        if (IsDeep)
        {
            MultiplyDeep(rows, columns, Crew.MemberScratch(member, (DeepRows * columns.Count * Slots + 1) * TileShape<TIsa, TVector>.Size));
            return;
        }
        long slots = (long)Slots * TileShape<TIsa, TVector>.Size;
        long panelSize = PackedRight is null ? (long)TileShape<TIsa, TVector>.Columns * Right.Depth : 0;
        float* scratch = Crew.MemberScratch(member, slots + panelSize);
        Multiply(rows, columns, scratch, scratch + slots);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Multiply(WorkRange rows, WorkRange columns, float* slots, float* ownPanel)
    {
        for (int j = (int)columns.Start; j < columns.End; j++)
        {
            int width = Right.PanelWidth(j);
            float* b = ownPanel;
            if (PackedRight is not null)
                b = PackedRight + Right.PanelOffset(j);
            else if (Right.LanesAdjacent && Right.PanelLanes(j) == width)
                b = Right.PanelSource(j);
            else
                Right.PackPanel(j, ownPanel);
            nint bStride = b == Right.PanelSource(j) ? Right.Stride : width;
            for (int i = (int)rows.Start; i < rows.End; i++)
                MultiplyTile(i, j, width, b, bStride, slots);
        }
    }

    /// <summary>
    /// The same for many samples: a stretch of k at a time, so that a panel of the right operand stays in the first-level cache while the left one's go by. Every
    /// tile then has slots of its own.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void MultiplyDeep(WorkRange rows, WorkRange columns, float* scratch)
    {
        int size = TileShape<TIsa, TVector>.Size;
        float* edge = scratch;
        for (int first = (int)rows.Start; first < rows.End; first += DeepRows)
        {
            int last = (int)Math.Min(rows.End, first + DeepRows);
            nint k = 0;
            for (int step = 0, count; step < StepCount; step += count)
            {
                nint depth = Stretch(step, out count);
                for (int j = (int)columns.Start; j < columns.End; j++)
                {
                    int width = Right.PanelWidth(j);
                    float* b = PackedRight + Right.PanelOffset(j) + (k * width);
                    for (int i = first; i < last; i++)
                    {
                        int height = Left.PanelWidth(i);
                        float* slots = scratch + (((((nint)(i - first) * (nint)columns.Count) + j - (nint)columns.Start) * Slots + 1) * size);
                        float* a = PackedLeft + Left.PanelOffset(i) + (k * height);
                        if (step + count < StepCount)
                        {
                            var kept = new TileTarget { Output = slots + ((nint)Steps[step + count - 1].Slot * size), Stride = width };
                            Tiles<TIsa, TVector>.Compute(height, width, Steps + step, count, slots, a, b, width, kept);
                            continue;
                        }
                        OutputTile tile = TileAt(i, j);
                        bool whole = tile.Fills(height, width);
                        Tiles<TIsa, TVector>.Compute(height, width, Steps + step, count, slots, a, b, width, whole ? tile.Whole() : OutputTile.Edge(edge, width));
                        if (!whole)
                            tile.CopyFrom(edge, width);
                    }
                }
                k += depth;
            }
        }
    }

    // As many steps as a panel of the right operand has room for in the first-level cache, at least one.
    private readonly nint Stretch(int step, out int count)
    {
        nint depth = Steps[step].Depth;
        for (count = 1; step + count < StepCount && depth + Steps[step + count].Depth <= DeepStretch; count++)
            depth += Steps[step + count].Depth;
        return depth;
    }

    private readonly OutputTile TileAt(int i, int j) => new(
        Output + ((nint)i * TileShape<TIsa, TVector>.Rows * OutputStride) + ((nint)j * TileShape<TIsa, TVector>.Columns), OutputStride, Left.PanelLanes(i), Right.PanelLanes(j));

    private readonly void MultiplyTile(int i, int j, int width, float* b, nint bStride, float* slots)
    {
        int height = Left.PanelWidth(i);
        OutputTile tile = TileAt(i, j);
        bool whole = tile.Fills(height, width);
        TileTarget target = whole ? tile.Whole() : OutputTile.Edge(slots, width);
        float* a = PackedLeft + Left.PanelOffset(i);
        if (Pairs)
            Tiles<TIsa, TVector>.ComputePairs(height, width, Steps, StepCount, slots, a, b, bStride, target.Output, target.Stride);
        else
            Tiles<TIsa, TVector>.Compute(height, width, Steps, StepCount, slots, a, b, bStride, target);
        if (!whole)
            tile.CopyFrom(slots, width);
    }
}
