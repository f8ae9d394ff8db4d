using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// A few blocks of k of a product whose right operand is stored by columns: each panel goes through all blocks before the next one's turn, so that its columns are read along
/// memory and not a block's length here and there. The blocks' results are added in order all the same.
/// </summary>
internal unsafe struct ColumnwiseProductJob<TIsa, TVector> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Execute(int member, int members)
    {
        WorkRange columns = Grid.PartOf(member).Columns;
        float* edge = stackalloc float[TileShape<TIsa, TVector>.Size];
        float* panel = Crew.MemberScratch(member, (long)TileShape<TIsa, TVector>.Columns * MatrixProduct.BlockLength);
        for (int j = (int)columns.Start; j < columns.End; j++)
        {
            for (int k = 0; k < Left.Depth; k += MatrixProduct.BlockLength)
            {
                int depth = Math.Min(MatrixProduct.BlockLength, Left.Depth - k);
                OperandBlock<TIsa, TVector> right = Right.Part(k, depth);
                right.PackPanel(j, panel);
                var product = new PanelProduct<TIsa, TVector>(
                    Left.Part(k, depth),
                    PackedLeft + ((nint)k * TileShape<TIsa, TVector>.PaddedRows(Left.Lanes)),
                    right,
                    Output,
                    OutputStride,
                    Continues || k > 0,
                    k + depth < Left.Depth ? null : Bias);
                product.Multiply(j, 0, Left.Panels, panel, panel, edge);
            }
        }
    }
}
