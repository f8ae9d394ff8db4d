using Lockstep.Engine.Kernels;
using Lockstep.Engine.Memory;

namespace Lockstep.Engine.Tests.Kernels;

/// <summary>A matrix whose rows are longer than they need be, with NaN in the gaps: reading or writing a gap shows.</summary>
internal sealed unsafe class TestMatrix : IDisposable
{
    private readonly FloatBuffer _buffer;
    private readonly int _stride;
    private readonly bool _transposed;

    public TestMatrix(int rows, int columns, bool transposed = false, int gap = 3, int seed = 1)
    {
        Rows = rows;
        Columns = columns;
        _transposed = transposed;
        (int storedRows, int storedColumns) = transposed ? (columns, rows) : (rows, columns);
        _stride = storedColumns + gap;
        _buffer = new FloatBuffer((long)storedRows * _stride);
        _buffer.Span.Fill(float.NaN);
        var random = new Random(seed);
        for (int i = 0; i < rows; i++)
            for (int j = 0; j < columns; j++)
                this[i, j] = Number(random);
    }

    public int Rows { get; }

    public int Columns { get; }

    public int Stride => _stride;

    public float* Pointer => _buffer.Pointer;

    public MatrixOperand Operand => new(_buffer.Pointer, _stride, _transposed);

    public float this[int i, int j]
    {
        get => _buffer.Pointer[Offset(i, j)];
        set => _buffer.Pointer[Offset(i, j)] = value;
    }

    public void Dispose() => _buffer.Dispose();

    /// <summary>The bits of everything, gaps included.</summary>
    public uint[] Bits()
    {
        var bits = new uint[_buffer.Length];
        for (int i = 0; i < bits.Length; i++)
            bits[i] = BitConverter.SingleToUInt32Bits(_buffer.Pointer[i]);
        return bits;
    }

    // Sizes that differ much, so that another order of adding gives other bits.
    private static float Number(Random random) => (random.NextSingle() - 0.5f) * (1 << random.Next(8));

    private long Offset(int i, int j) => _transposed ? ((long)j * _stride) + i : ((long)i * _stride) + j;
}
