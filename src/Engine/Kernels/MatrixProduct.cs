using System.Runtime.Intrinsics;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// Matrix products whose every bit is defined: k is cut into blocks of <see cref="BlockLength"/>; inside a block an element is
/// one chain of fused multiply-adds from +0, in order; the blocks' results are added in order.
/// </summary>
public static unsafe class MatrixProduct
{
    /// <summary>Terms in one chain of fused multiply-adds.</summary>
    public const int BlockLength = 512;

    // Up to so many rows a packed panel of the right operand is used up at once, so it need never leave the cache.
    private const int FewRows = 256;

    /// <summary>Whether so few rows use a panel of the right operand up at once.</summary>
    internal static bool IsFewRows(int m) => m <= FewRows;

    /// <summary>C = A·B, or A·B + bias, which is added once after the chain.</summary>
    /// <param name="crew">Who computes; the number of threads changes no bit.</param>
    /// <param name="m">Rows of A and C.</param>
    /// <param name="n">Columns of B and C.</param>
    /// <param name="k">Columns of A, rows of B.</param>
    /// <param name="a">[m, k].</param>
    /// <param name="b">[k, n].</param>
    /// <param name="c">[m, n], overwritten.</param>
    /// <param name="ldc">Elements from one row of C to the next.</param>
    /// <param name="bias">[n], or null.</param>
    public static void Multiply(ComputeCrew crew, int m, int n, int k, MatrixOperand a, MatrixOperand b, float* c, int ldc, float* bias = null)
    {
        RequireShape(crew, m, n, k);
        Multiply(crew, m, n, k, a, b, null, c, ldc, bias);
    }

    /// <summary>The same with a right operand that was packed before.</summary>
    /// <exception cref="ArgumentException">What was packed is not [k, n].</exception>
    public static void Multiply(ComputeCrew crew, int m, int n, int k, MatrixOperand a, PackedMatrix b, float* c, int ldc, float* bias = null)
    {
        RequireShape(crew, m, n, k);
        ArgumentNullException.ThrowIfNull(b);
        if (b.Rows != k || b.Columns != n)
            throw new ArgumentException($"The packed operand is {b.Rows}×{b.Columns}, the product needs {k}×{n}.", nameof(b));
        Multiply(crew, m, n, k, a, default, b.Pointer, c, ldc, bias);
    }

    /// <summary>C = Σ over leaves of A·B over the leaf's samples, the leaves added as a balanced binary tree. A sum that is zero is +0.</summary>
    /// <param name="crew">Who computes; the number of threads changes no bit.</param>
    /// <param name="m">Rows of A and C.</param>
    /// <param name="n">Columns of B and C.</param>
    /// <param name="a">[m, samples].</param>
    /// <param name="b">[samples, n].</param>
    /// <param name="leafBounds">leaves + 1 entries: leaf i holds the samples from entry i up to entry i + 1, perhaps none, which is +0.</param>
    /// <param name="c">[m, n], overwritten.</param>
    /// <param name="ldc">Elements from one row of C to the next.</param>
    /// <exception cref="ArgumentException">The leaves are not a power of two, or their bounds go down.</exception>
    public static void MultiplyLeaves(ComputeCrew crew, int m, int n, MatrixOperand a, MatrixOperand b, ReadOnlySpan<int> leafBounds, float* c, int ldc)
    {
        RequireShape(crew, m, n, 0);
        LeafBounds.Require(leafBounds);
        if (VectorWidth.Lanes == Isa512.Width)
            BlockedProduct<Isa512, Vector512<float>>.MultiplyLeaves(crew, m, n, a, b, leafBounds, c, ldc);
        else if (VectorWidth.Lanes == Isa256.Width)
            BlockedProduct<Isa256, Vector256<float>>.MultiplyLeaves(crew, m, n, a, b, leafBounds, c, ldc);
        else if (VectorWidth.Lanes == Isa128.Width)
            BlockedProduct<Isa128, Vector128<float>>.MultiplyLeaves(crew, m, n, a, b, leafBounds, c, ldc);
        else
            BlockedProduct<IsaScalar, float>.MultiplyLeaves(crew, m, n, a, b, leafBounds, c, ldc);
    }

    /// <summary>Numbers that a packed right operand takes at this process's vector width.</summary>
    internal static long PackedLength(int k, int n)
    {
        if (VectorWidth.Lanes == Isa512.Width)
            return BlockedProduct<Isa512, Vector512<float>>.PackedLength(k, n);
        if (VectorWidth.Lanes == Isa256.Width)
            return BlockedProduct<Isa256, Vector256<float>>.PackedLength(k, n);
        if (VectorWidth.Lanes == Isa128.Width)
            return BlockedProduct<Isa128, Vector128<float>>.PackedLength(k, n);
        return BlockedProduct<IsaScalar, float>.PackedLength(k, n);
    }

    internal static void PackRight(ComputeCrew crew, int n, int k, MatrixOperand b, float* packed)
    {
        if (VectorWidth.Lanes == Isa512.Width)
            BlockedProduct<Isa512, Vector512<float>>.PackRight(crew, n, k, b, packed);
        else if (VectorWidth.Lanes == Isa256.Width)
            BlockedProduct<Isa256, Vector256<float>>.PackRight(crew, n, k, b, packed);
        else if (VectorWidth.Lanes == Isa128.Width)
            BlockedProduct<Isa128, Vector128<float>>.PackRight(crew, n, k, b, packed);
        else
            BlockedProduct<IsaScalar, float>.PackRight(crew, n, k, b, packed);
    }

    private static void Multiply(ComputeCrew crew, int m, int n, int k, MatrixOperand a, MatrixOperand b, float* packed, float* c, int ldc, float* bias)
    {
        if (VectorWidth.Lanes == Isa512.Width)
            BlockedProduct<Isa512, Vector512<float>>.Multiply(crew, m, n, k, a, b, packed, c, ldc, bias);
        else if (VectorWidth.Lanes == Isa256.Width)
            BlockedProduct<Isa256, Vector256<float>>.Multiply(crew, m, n, k, a, b, packed, c, ldc, bias);
        else if (VectorWidth.Lanes == Isa128.Width)
            BlockedProduct<Isa128, Vector128<float>>.Multiply(crew, m, n, k, a, b, packed, c, ldc, bias);
        else
            BlockedProduct<IsaScalar, float>.Multiply(crew, m, n, k, a, b, packed, c, ldc, bias);
    }

    private static void RequireShape(ComputeCrew crew, int m, int n, int k)
    {
        ArgumentNullException.ThrowIfNull(crew);
        ArgumentOutOfRangeException.ThrowIfNegative(m);
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        ArgumentOutOfRangeException.ThrowIfNegative(k);
    }
}
