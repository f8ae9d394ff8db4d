using Lockstep.Engine.Kernels;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Tests.Kernels;

public sealed unsafe class OneHotRowsTests
{
    private static readonly int[] ThreadCounts = [1, 2, 3];

    /// <summary>Leaves, rows, n, columns: leaves of none, of more than a block; more columns than a block; strips that end in the middle.</summary>
    private static readonly (int Leaves, int Rows, int N, int Columns)[] Shapes =
    [
        (1, 1, 1, 8), (16, 128, 40, 65), (4, 3, 13, 9), (2, 1500, 70, 65), (1, 1100, 33, 20), (8, 200, 18, 600), (2, 10, 5, 5000),
    ];

    [Fact]
    public void Looking_up_has_the_bits_of_multiplying()
    {
        foreach ((int _, int rows, int n, int columns) in Shapes)
        {
            using TestMatrix x = OneHot(rows, columns, out int[] hot);
            using var w = new TestMatrix(n, columns, gap: 0);
            using var bias = new FloatBuffer(n);
            // The sum from +0 is +0 where the weight is −0, and so is +0 + −0.
            for (int j = 0; j < n; j++)
                (w[j, j % columns], bias.Pointer[j]) = (-0f, j % 3 == 0 ? -0f : j * 0.37f);
            using var table = new FloatBuffer((columns + 1L) * n);
            OneHotRows.Transpose(w.Pointer, n, columns, table.Pointer);
            foreach (int threads in ThreadCounts)
            {
                using var crew = new ComputeCrew(threads);
                using var expected = new TestMatrix(rows, n);
                using var found = new TestMatrix(rows, n);
                MatrixProduct.Multiply(crew, rows, n, columns, x.Operand, new MatrixOperand(w.Pointer, columns, transposed: true), expected.Pointer, expected.Stride, bias.Pointer);
                fixed (int* pointer = hot)
                    OneHotRows.Multiply(crew, pointer, rows, n, table.Pointer, columns, found.Pointer, found.Stride, bias.Pointer);
                Assert.Equal(expected.Bits(), found.Bits());
            }
        }
    }

    [Fact]
    public void Sums_of_the_rows_that_have_their_one_in_a_column_have_the_bits_of_a_product_over_leaves()
    {
        foreach ((int leaves, int rows, int n, int columns) in Shapes)
        {
            using TestMatrix x = OneHot(rows, columns, out int[] hot);
            using var y = new TestMatrix(rows, n, seed: 7);
            int[] bounds = [.. Enumerable.Range(0, leaves + 1).Select(leaf => leaf * rows / leaves)];
            using var expected = new TestMatrix(n, columns, gap: 0);
            using (var crew = new ComputeCrew(1))
                MatrixProduct.MultiplyLeaves(crew, n, columns, new MatrixOperand(y.Pointer, y.Stride, transposed: true), x.Operand, bounds, expected.Pointer, columns);
            foreach (int threads in ThreadCounts)
            {
                using var crew = new ComputeCrew(threads);
                foreach (Width width in Width.All)
                {
                    using var found = new TestMatrix(n, columns, gap: 0, seed: 9);
                    fixed (int* pointer = hot)
                        width.SumOneHot(crew, y.Pointer, y.Stride, n, pointer, columns, bounds, found.Pointer);
                    Assert.Equal(expected.Bits(), found.Bits());
                }
            }
        }
    }

    [Theory]
    [InlineData(0f, 2f, 0f)]
    [InlineData(1f, 0f, 1f)]
    [InlineData(0f, float.NaN, 0f)]
    [InlineData(0f, 1f, 1e-45f)]
    public void A_row_with_anything_but_one_1_is_not_one_hot(float first, float second, float third)
    {
        float* row = stackalloc float[] { first, second, third };
        int hot;
        Assert.False(OneHotRows.TryFind(row, 3, 1, 3, &hot));
    }

    private static TestMatrix OneHot(int rows, int columns, out int[] hot)
    {
        var matrix = new TestMatrix(rows, columns);
        int[] expected = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            // Every seventh row is zero, as one that a mask leaves out may be.
            expected[row] = row % 7 == 6 ? OneHotRows.None : row * 31 % columns;
            for (int column = 0; column < columns; column++)
                matrix[row, column] = column == expected[row] ? 1 : column % 2 == 0 ? 0f : -0f;
        }
        hot = new int[rows];
        fixed (int* pointer = hot)
            Assert.True(OneHotRows.TryFind(matrix.Pointer, matrix.Stride, rows, columns, pointer));
        Assert.Equal(expected, hot);
        return matrix;
    }
}
