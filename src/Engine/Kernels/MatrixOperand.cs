namespace Lockstep.Engine.Kernels;

/// <summary>
/// A row-major matrix of float32, or its transpose: element (i, j) is <c>Pointer[i·Stride + j]</c>, transposed
/// <c>Pointer[j·Stride + i]</c>.
/// </summary>
public readonly unsafe struct MatrixOperand
{
    /// <param name="pointer">The first element.</param>
    /// <param name="stride">Elements from one stored row to the next.</param>
    /// <param name="transposed">Whether the product takes the transpose of what is stored.</param>
    public MatrixOperand(float* pointer, int stride, bool transposed = false)
    {
        Pointer = pointer;
        Stride = stride;
        Transposed = transposed;
    }

    public float* Pointer { get; }

    public int Stride { get; }

    public bool Transposed { get; }

    /// <summary>The element in row <paramref name="i"/> and column <paramref name="j"/>.</summary>
    internal float* At(long i, long j) => Transposed ? Pointer + (j * Stride) + i : Pointer + (i * Stride) + j;
}
