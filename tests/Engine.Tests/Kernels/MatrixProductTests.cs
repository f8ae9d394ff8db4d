using CsCheck;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Tests.Kernels;

public sealed unsafe class MatrixProductTests
{
    private static readonly (int M, int N, int K)[] Shapes =
    [
        (1, 1, 1), (3, 5, 7), (12, 32, 16), (13, 33, 17), (4, 24, 511), (8, 12, 512), (5, 10, 513), (128, 10, 100),
        (10, 129, 65), (97, 70, 1025), (300, 40, 37), (2, 2100, 3), (11, 31, 0),
        (7, 2080, 5), (5, 4104, 2), (56, 56, 40), (128, 26, 1100), (25, 12, 530), (300, 9, 700), (261, 2080, 5),
    ];

    private static readonly int[] ThreadCounts = [1, 2, 3, 5];

    [Fact]
    public void A_product_has_the_bits_of_its_definition_at_every_width_thread_count_and_layout()
    {
        int combination = 0;
        foreach ((int m, int n, int k) in Shapes)
        {
            foreach (int threads in ThreadCounts)
            {
                using var crew = new ComputeCrew(threads);
                foreach (Width width in Width.All)
                    Verify(crew, width, m, n, k, combination++);
            }
        }
    }

    // 60 rows have two blocks of k taken at once: three blocks are a run and a rest, and the columns end within a panel.
    // The depths are more blocks of k than are packed at once, or end within a block; so many columns are shared out among three members at every width, and the last ones fill no panel.
    [Theory]
    [InlineData(60, 1101, true)]
    [InlineData(7, 1101, true)]
    [InlineData(13, 570, true)]
    [InlineData(30, 2309, false)]
    [InlineData(9, 545, false)]
    public void A_right_operand_of_several_blocks_of_k_meets_few_rows_with_the_bits_of_the_definition(int m, int k, bool byColumns)
    {
        const int N = 791;
        using var a = new TestMatrix(m, k);
        using var b = new TestMatrix(k, N, transposed: byColumns, seed: 2);
        using var bias = new TestMatrix(1, N, seed: 3);
        using var expected = new TestMatrix(m, N, seed: 4);
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < N; j++)
            {
                (int row, int column) = (i, j);
                expected[i, j] = NaiveProduct.Element(x => a[row, x], x => b[x, column], 0, k) + bias[0, j];
            }
        }
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using var crew = new ComputeCrew(threads);
            foreach (Width width in Width.All)
            {
                using var c = new TestMatrix(m, N, seed: 5);
                width.Multiply(crew, m, N, k, a.Operand, b.Operand, false, c.Pointer, c.Stride, bias.Pointer);
                Assert.True(expected.Bits().AsSpan().SequenceEqual(c.Bits()), $"{width}, {threads} threads");
            }
        }
    }

    [Fact]
    public void A_product_of_any_shape_has_the_bits_of_its_definition()
    {
        using var crew = new ComputeCrew(2);
        Gen.Select(Gen.Int[1, 70], Gen.Int[1, 90], Gen.Int[0, 600], Gen.Int[0, 15], Gen.Int[0, 3])
            .Sample(
                (m, n, k, layout, width) =>
                {
                    lock (crew)
                        Verify(crew, Width.All[width], m, n, k, layout);
                },
                iter: 40);
    }

    [Fact]
    public void The_public_product_takes_operands_and_packed_ones_alike()
    {
        using var crew = new ComputeCrew(2);
        using var a = new TestMatrix(37, 600);
        using var b = new TestMatrix(600, 45, transposed: true, seed: 2);
        using var c = new TestMatrix(37, 45);
        using var d = new TestMatrix(37, 45);
        using var packed = new PackedMatrix(600, 45);
        packed.Pack(crew, b.Operand);
        MatrixProduct.Multiply(crew, 37, 45, 600, a.Operand, b.Operand, c.Pointer, c.Stride);
        MatrixProduct.Multiply(crew, 37, 45, 600, a.Operand, packed, d.Pointer, d.Stride);
        Assert.Equal(c.Bits(), d.Bits());
        Assert.Equal(NaiveProduct.Element(k => a[36, k], k => b[k, 44], 0, 600), c[36, 44]);
    }

    [Fact]
    public void A_packed_operand_of_another_shape_is_refused()
    {
        using var crew = new ComputeCrew(1);
        using var packed = new PackedMatrix(4, 5);
        Assert.Throws<ArgumentException>(() => MatrixProduct.Multiply(crew, 2, 4, 5, default, packed, null, 4));
    }

    [Fact]
    public void Infinities_and_NaN_come_through_and_stay_in_their_rows()
    {
        using var crew = new ComputeCrew(1);
        foreach (Width width in Width.All)
        {
            using var a = new TestMatrix(13, 20);
            using var b = new TestMatrix(20, 33, seed: 2);
            using var c = new TestMatrix(13, 33);
            a[0, 3] = float.NaN;
            a[1, 3] = float.PositiveInfinity;
            width.Multiply(crew, 13, 33, 20, a.Operand, b.Operand, false, c.Pointer, c.Stride, null);
            for (int j = 0; j < 33; j++)
            {
                Assert.True(float.IsNaN(c[0, j]));
                Assert.Equal(b[3, j] > 0 ? float.PositiveInfinity : float.NegativeInfinity, c[1, j]);
                Assert.True(float.IsFinite(c[2, j]));
            }
        }
    }

    private static void Verify(ComputeCrew crew, Width width, int m, int n, int k, int layout)
    {
        using var a = new TestMatrix(m, k, transposed: (layout & 1) != 0);
        using var b = new TestMatrix(k, n, transposed: (layout & 2) != 0, seed: 2);
        using var bias = new TestMatrix(1, n, seed: 3);
        using var c = new TestMatrix(m, n, seed: 4);
        using var expected = new TestMatrix(m, n, seed: 4);
        bool biased = (layout & 4) != 0;
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                (int row, int column) = (i, j);
                float sum = NaiveProduct.Element(x => a[row, x], x => b[x, column], 0, k);
                expected[i, j] = biased ? sum + bias[0, j] : sum;
            }
        }
        width.Multiply(crew, m, n, k, a.Operand, b.Operand, (layout & 8) != 0, c.Pointer, c.Stride, biased ? bias.Pointer : null);
        Assert.True(expected.Bits().AsSpan().SequenceEqual(c.Bits()), $"{m}×{n}×{k}, {width}, {crew.Threads} threads, layout {layout}");
    }
}
