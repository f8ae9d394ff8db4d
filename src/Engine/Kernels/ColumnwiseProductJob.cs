using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// A few blocks of k of a product whose right operand is stored by columns: each panel goes through all blocks before the next one's turn, so that its columns are read along
/// memory and not a block's length here and there. Where few rows meet them, a few k of a panel are packed at a time. The blocks' results are added in order all the same.
/// </summary>
internal unsafe struct ColumnwiseProductJob<TIsa, TVector> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    // How many k are packed at a time where few rows meet them: a cache line of each column.
    private const int PartDepth = CacheLines.Numbers;

    public ComputeCrew Crew;

    /// <summary>Who computes which columns; rows are not shared out.</summary>
    public TileGrid Grid;

    /// <summary>All blocks.</summary>
    public OperandBlock<TIsa, TVector> Left;

    /// <summary>The blocks' panels, block after block.</summary>
    public float* PackedLeft;

    /// <summary>All blocks.</summary>
    public OperandBlock<TIsa, TVector> Right;

    public float* Output;

    public nint OutputStride;

    /// <summary>Whether there were blocks before.</summary>
    public bool Continues;

    /// <summary>One number a column, padded to whole vectors, or null; added with the last block.</summary>
    public float* Bias;

    // Up to so many rows, a full tile and a low one, reading the right operand takes longer than the product: while a part is multiplied the next one's numbers come from memory.
    private static int MostRowsInParts => TileShape<TIsa, TVector>.Rows + TileShape<TIsa, TVector>.RowGrain;

    public readonly void Execute(int member, int members)
    {
        WorkRange columns = Grid.PartOf(member).Columns;
        bool inParts = Left.Lanes <= MostRowsInParts;
        int depth = inParts ? PartDepth : MatrixProduct.BlockLength, chains = inParts ? TileShape<TIsa, TVector>.PaddedRows(Left.Lanes) : 0;
        float* panel = Crew.MemberScratch(member, (long)TileShape<TIsa, TVector>.Columns * (depth + chains));
        for (int j = (int)columns.Start; j < columns.End; j++)
        {
            for (int k = 0; k < Left.Depth; k += MatrixProduct.BlockLength)
            {
                if (inParts)
                    MultiplyInParts(j, k, panel, panel + (depth * TileShape<TIsa, TVector>.Columns));
                else
                    Multiply(j, k, panel);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Multiply(int j, int k, float* panel)
    {
        float* edge = stackalloc float[TileShape<TIsa, TVector>.Size];
        OperandBlock<TIsa, TVector> left = LeftBlock(k), right = Right.Part(k, left.Depth);
        right.PackPanel(j, panel);
        var product = new PanelProduct<TIsa, TVector>(left, PackedLeftBlock(k), right, Output, OutputStride, Continues || k > 0, BiasOf(k + left.Depth));
        product.Multiply(j, 0, left.Panels, panel, panel, edge);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void MultiplyInParts(int j, int start, float* panel, float* sums)
    {
        float* edge = stackalloc float[TileShape<TIsa, TVector>.Size];
        OperandBlock<TIsa, TVector> left = LeftBlock(start);
        var chains = new PanelChains<TIsa, TVector>(left, PackedLeftBlock(start), Output, OutputStride, Continues || start > 0, BiasOf(start + left.Depth));
        var part = new RowwisePart { Stride = Right.PanelWidth(j) };
        for (int k = 0; k < left.Depth; k += PartDepth)
        {
            part.Depth = Math.Min(PartDepth, left.Depth - k);
            part.Begins = k == 0;
            part.Ends = k + part.Depth == left.Depth;
            Right.Part(start + k, part.Depth).PackPanel(j, panel);
            chains.Advance(part, k, (nint)j * TileShape<TIsa, TVector>.Columns, Right.PanelLanes(j), panel, sums, edge);
        }
    }

    private readonly OperandBlock<TIsa, TVector> LeftBlock(int k) => Left.Part(k, Math.Min(MatrixProduct.BlockLength, Left.Depth - k));

    private readonly float* PackedLeftBlock(int k) => PackedLeft + ((nint)k * TileShape<TIsa, TVector>.PaddedRows(Left.Lanes));

    // It is added after the last k.
    private readonly float* BiasOf(int end) => end < Left.Depth ? null : Bias;
}
