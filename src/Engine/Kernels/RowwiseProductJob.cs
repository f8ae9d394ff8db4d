using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// A few blocks of k of a product of few rows, whose right operand is stored by rows and read where it lies, a few of its rows at a time along memory: laying out panels of it would cost more than
/// the product. Its chains wait in the second-level cache meanwhile; each goes through a block's k in order and the blocks' results are added in order all the same, so no bit differs.
/// </summary>
internal unsafe struct RowwiseProductJob<TIsa, TVector> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Rows of the left operand up to which it pays.</summary>
    public const int MostRows = 32;

    // Rows of the right operand that are read side by side.
    private const int RowsTogether = 32;

    // Numbers ahead that they are fetched.
    private const int Ahead = 128;

    // Chains that wait in the second-level cache: 256 KiB.
    private const int ChainsTogether = 64 * 1024;

    public ComputeCrew Crew;

    /// <summary>Who computes which columns; rows are not shared out.</summary>
    public TileGrid Grid;

    /// <summary>All blocks.</summary>
    public OperandBlock<TIsa, TVector> Left;

    /// <summary>The blocks' panels, block after block.</summary>
    public float* PackedLeft;

    /// <summary>The right operand's first number.</summary>
    public float* Right;

    public nint RightStride;

    public float* Output;

    public nint OutputStride;

    /// <summary>Whether there were blocks before.</summary>
    public bool Continues;

    /// <summary>One number a column, padded to whole vectors, or null; added with the last block.</summary>
    public float* Bias;

    private static int Columns
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TileShape<TIsa, TVector>.Columns;
    }

    public readonly void Execute(int member, int members)
    {
        WorkRange columns = Grid.PartOf(member).Columns;
        int chain = TileShape<TIsa, TVector>.PaddedRows(Left.Lanes) * Columns, together = Math.Max(1, ChainsTogether / chain);
        float* sums = Crew.MemberScratch(member, (long)Math.Min(together, columns.Count) * chain);
        for (long first = columns.Start; first < columns.End; first += together)
        {
            var panels = new WorkRange(first, Math.Min(columns.End, first + together));
            for (int k = 0; k < Left.Depth; k += MatrixProduct.BlockLength)
                MultiplyBlock(k, Math.Min(MatrixProduct.BlockLength, Left.Depth - k), panels, sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void MultiplyBlock(int start, int depth, WorkRange panels, float* sums)
    {
        OperandBlock<TIsa, TVector> left = Left.Part(start, depth);
        float* packedLeft = PackedLeft + ((nint)start * TileShape<TIsa, TVector>.PaddedRows(Left.Lanes));
        float* bias = start + depth < Left.Depth ? null : Bias;
        var chains = new PanelChains<TIsa, TVector>(left, packedLeft, Output, OutputStride, Continues || start > 0, bias);
        float* edge = stackalloc float[TileShape<TIsa, TVector>.Size];
        int length = TileShape<TIsa, TVector>.PaddedRows(Left.Lanes) * Columns;
        var part = new RowwisePart { Stride = RightStride, Ahead = Ahead };
        for (int k = 0; k < depth; k += RowsTogether)
        {
            part.Depth = Math.Min(RowsTogether, depth - k);
            part.Begins = k == 0;
            part.Ends = k + part.Depth == depth;
            for (long j = panels.Start; j < panels.End; j++)
            {
                nint column = (nint)j * Columns;
                chains.Advance(part, k, column, Columns, Right + ((nint)(start + k) * RightStride) + column, sums + ((j - panels.Start) * length), edge);
            }
        }
    }
}
