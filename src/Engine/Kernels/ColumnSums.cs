using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels;

/// <summary>Sums down the columns of a matrix, as the gradients of biases are.</summary>
public static unsafe class ColumnSums
{
    /// <summary>result[j] = Σ over leaves of Σ over the leaf's rows i, in order from +0, of y[i, j]; the leaves added as a balanced binary tree.</summary>
    /// <param name="crew">Who computes; the number of threads changes no bit.</param>
    /// <param name="y">[rows, n].</param>
    /// <param name="ldy">Elements from one row to the next.</param>
    /// <param name="n">Columns.</param>
    /// <param name="leafBounds">leaves + 1 entries: leaf i holds the rows from entry i up to entry i + 1, perhaps none, which is +0.</param>
    /// <param name="result">[n].</param>
    public static void SumLeaves(ComputeCrew crew, float* y, int ldy, int n, ReadOnlySpan<int> leafBounds, float* result)
    {
        for (int j = 0; j < n; j++)
            result[j] = Tree(y, ldy, j, leafBounds);
    }

    private static float Tree(float* y, int ldy, int j, ReadOnlySpan<int> bounds)
    {
        int leaves = bounds.Length - 1;
        if (leaves > 1)
            return Tree(y, ldy, j, bounds[..((leaves / 2) + 1)]) + Tree(y, ldy, j, bounds[(leaves / 2)..]);
        float sum = 0;
        for (int row = bounds[0]; row < bounds[1]; row++)
            sum += y[((long)row * ldy) + j];
        return sum;
    }
}
