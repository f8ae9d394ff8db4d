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

    /// <summary>The left operand's panels, or null where each member packs its rows' just before it uses them: no two members share rows then, and the right operand's panels exist.</summary>
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
        float* ownRows = PackedLeft is null ? Crew.MemberScratch(member, (long)RowsInCache * Left.Depth) : null;
        int chunk = PackedRight is null ? (int)rows.Count : RowsInCache / TileShape<TIsa, TVector>.Rows;
        for (int first = (int)rows.Start; first < rows.End; first += chunk)
        {
            int last = (int)Math.Min(rows.End, first + chunk);
            float* packedLeft = PackedLeft;
            if (ownRows is not null)
            {
                // Always to the same place, which stays in the second-level cache.
                packedLeft = ownRows - Left.PanelOffset(first);
                Left.PackPanels(first, last, packedLeft);
            }
            Multiply(first, last, columns, packedLeft, ownPanel);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Multiply(int firstRow, int lastRow, WorkRange columns, float* packedLeft, float* ownPanel)
    {
        float* edge = stackalloc float[TileShape<TIsa, TVector>.Size];
        float* packedRight = PackedRight;
        int together = Right.LanesAdjacent ? PanelsTogether : 1;
        var panel = new PanelProduct<TIsa, TVector>(Left, packedLeft, Right, Output, OutputStride, Continues, Bias);
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
            panel.Multiply(j, firstRow, lastRow, b, ahead, edge);
        }
    }
}
