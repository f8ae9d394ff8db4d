using Lockstep.Engine.Memory;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// The right operand of a matrix product, laid out as the kernels read it: packed once, used for many products, as
/// weights are in every step.
/// </summary>
public sealed unsafe class PackedMatrix : IDisposable
{
    private readonly FloatBuffer _buffer;

    /// <param name="rows">k: rows of the operand, its transposition counted.</param>
    /// <param name="columns">n: columns.</param>
    public PackedMatrix(int rows, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        Rows = rows;
        Columns = columns;
        _buffer = new FloatBuffer(MatrixProduct.PackedLength(rows, columns));
    }

    /// <summary>k.</summary>
    public int Rows { get; }

    /// <summary>n.</summary>
    public int Columns { get; }

    internal float* Pointer => _buffer.Pointer;

    /// <summary>Takes the operand's present numbers; later changes to it are not seen.</summary>
    public void Pack(ComputeCrew crew, MatrixOperand operand)
    {
        ArgumentNullException.ThrowIfNull(crew);
        MatrixProduct.PackRight(crew, Columns, Rows, operand, Pointer);
    }

    public void Dispose() => _buffer.Dispose();
}
