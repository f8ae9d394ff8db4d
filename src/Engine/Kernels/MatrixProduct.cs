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
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                float sum = Chain(i, j, 0, k, a, b);
                c[((long)i * ldc) + j] = bias is null ? sum : sum + bias[j];
            }
        }
    }

    /// <summary>The same with a right operand that was packed before.</summary>
    public static void Multiply(ComputeCrew crew, int m, int n, int k, MatrixOperand a, PackedMatrix b, float* c, int ldc, float* bias = null) =>
        Multiply(crew, m, n, k, a, new MatrixOperand(b.Pointer, b.Columns), c, ldc, bias);

    /// <summary>C = Σ over leaves of A·B over the leaf's samples, the leaves added as a balanced binary tree.</summary>
    /// <param name="crew">Who computes; the number of threads changes no bit.</param>
    /// <param name="m">Rows of A and C.</param>
    /// <param name="n">Columns of B and C.</param>
    /// <param name="a">[m, samples].</param>
    /// <param name="b">[samples, n].</param>
    /// <param name="leafBounds">leaves + 1 entries: leaf i holds the samples from entry i up to entry i + 1, perhaps none, which is +0.</param>
    /// <param name="c">[m, n], overwritten.</param>
    /// <param name="ldc">Elements from one row of C to the next.</param>
    public static void MultiplyLeaves(ComputeCrew crew, int m, int n, MatrixOperand a, MatrixOperand b, ReadOnlySpan<int> leafBounds, float* c, int ldc)
    {
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++)
                c[((long)i * ldc) + j] = Tree(i, j, a, b, leafBounds);
    }

    private static float Tree(int i, int j, MatrixOperand a, MatrixOperand b, ReadOnlySpan<int> bounds)
    {
        int leaves = bounds.Length - 1;
        if (leaves == 1)
            return Chain(i, j, bounds[0], bounds[1], a, b);
        return Tree(i, j, a, b, bounds[..((leaves / 2) + 1)]) + Tree(i, j, a, b, bounds[(leaves / 2)..]);
    }

    private static float Chain(int i, int j, int start, int end, MatrixOperand a, MatrixOperand b)
    {
        float total = 0;
        for (int block = start; block < end; block += BlockLength)
        {
            float sum = 0;
            for (int k = block; k < Math.Min(end, block + BlockLength); k++)
                sum = float.FusedMultiplyAdd(*a.At(i, k), *b.At(k, j), sum);
            total = block == start ? sum : total + sum;
        }
        return total;
    }
}
