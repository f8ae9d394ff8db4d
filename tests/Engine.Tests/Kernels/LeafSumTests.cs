using System.Runtime.Intrinsics;
using CsCheck;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Kernels;

public sealed unsafe class LeafSumTests
{
    private static readonly int[] ThreadCounts = [1, 2, 3, 5];

    /// <summary>Leaves, samples, m, n: leaves of one sample, of none, of a whole block and of more than a block.</summary>
    private static readonly (int Leaves, int Samples, int M, int N)[] Shapes =
    [
        (1, 5, 3, 4), (16, 128, 40, 70), (16, 128, 10, 64), (16, 5, 13, 33), (4, 0, 12, 32), (8, 100, 1, 1), (16, 180, 9, 50), (4, 26, 8, 48), (2, 1030, 14, 35), (4, 4096, 5, 11), (64, 70, 97, 9),
    ];

    [Fact]
    public void A_product_over_leaves_has_the_bits_of_its_definition_at_every_width_and_thread_count()
    {
        foreach ((int leaves, int samples, int m, int n) in Shapes)
        {
            foreach (int threads in ThreadCounts)
            {
                using var crew = new ComputeCrew(threads);
                foreach (Width width in Width.All)
                    VerifyProduct(crew, width, Bounds(leaves, samples), m, n, transposed: true);
            }
        }
    }

    [Fact]
    public void A_product_over_any_leaves_has_the_bits_of_its_definition()
    {
        using var crew = new ComputeCrew(2);
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 700], Gen.Int[1, 40], Gen.Int[1, 70], Gen.Int[0, 3], Gen.Bool)
            .Sample(
                (levels, samples, m, n, width, transposed) =>
                {
                    lock (crew)
                        VerifyProduct(crew, Width.All[width], Bounds(1 << levels, samples), m, n, transposed);
                },
                iter: 40);
    }

    [Fact]
    public void A_node_has_the_same_bits_alone_as_within_the_whole_tree()
    {
        using var crew = new ComputeCrew(1);
        using var a = new TestMatrix(30, 100, transposed: true);
        using var b = new TestMatrix(100, 40, seed: 2);
        using var whole = new TestMatrix(30, 40);
        using var left = new TestMatrix(30, 40);
        using var right = new TestMatrix(30, 40);
        int[] bounds = Bounds(8, 100);
        MatrixProduct.MultiplyLeaves(crew, 30, 40, a.Operand, b.Operand, bounds, whole.Pointer, whole.Stride);
        MatrixProduct.MultiplyLeaves(crew, 30, 40, a.Operand, b.Operand, bounds.AsSpan(0, 5), left.Pointer, left.Stride);
        MatrixProduct.MultiplyLeaves(crew, 30, 40, a.Operand, b.Operand, bounds.AsSpan(4, 5), right.Pointer, right.Stride);
        for (int i = 0; i < 30; i++)
            for (int j = 0; j < 40; j++)
                Assert.Equal(whole[i, j], left[i, j] + right[i, j]);
    }

    [Fact]
    public void Column_sums_have_the_bits_of_their_definition_at_every_width_and_thread_count()
    {
        foreach ((int leaves, int samples, int _, int n) in Shapes.Append((16, 300, 1, 700)))
        {
            int[] bounds = Bounds(leaves, samples);
            using var y = new TestMatrix(samples, n);
            using var result = new FloatBuffer(n);
            foreach (int threads in ThreadCounts)
            {
                using var crew = new ComputeCrew(threads);
                foreach (Width width in Width.All)
                {
                    result.Span.Fill(float.NaN);
                    width.SumLeaves(crew, y.Pointer, y.Stride, n, bounds, result.Pointer);
                    for (int j = 0; j < n; j++)
                        Assert.Equal(Bits(ColumnSum(y, j, bounds)), Bits(result.Pointer[j]));
                }
            }
        }
    }

    [Fact]
    public void A_leaf_without_samples_is_plus_zero()
    {
        using var crew = new ComputeCrew(1);
        using var a = new TestMatrix(2, 0, transposed: true);
        using var b = new TestMatrix(0, 3);
        using var c = new TestMatrix(2, 3);
        MatrixProduct.MultiplyLeaves(crew, 2, 3, a.Operand, b.Operand, [7, 7, 7], c.Pointer, c.Stride);
        Assert.Equal(0u, Bits(c[1, 2]));
    }

    [Theory]
    [InlineData(0f, -1f)]
    [InlineData(1e-30f, -1e-30f)]
    public void A_sum_that_is_zero_is_plus_zero(float left, float right)
    {
        using var crew = new ComputeCrew(1);
        using var a = new TestMatrix(5, 40, transposed: true);
        using var b = new TestMatrix(40, 33);
        foreach (TestMatrix matrix in new[] { a, b })
            for (int i = 0; i < matrix.Rows; i++)
                for (int j = 0; j < matrix.Columns; j++)
                    matrix[i, j] = matrix == a ? left : right;
        foreach (Width width in Width.All)
        {
            // Leaves in pairs, leaves that are none, and one of a single sample.
            foreach (int[] bounds in new int[][] { [0, 8, 16, 24, 32], [0, 20, 40], [0, 1], [0, 40] })
            {
                using var c = new TestMatrix(5, 33, gap: 0, seed: 3);
                width.MultiplyLeaves(crew, 5, 33, a.Operand, b.Operand, bounds, c.Pointer, c.Stride);
                Assert.All(c.Bits(), bits => Assert.Equal(0u, bits));
            }
        }
    }

    // 8 MiB and more go past the caches where every row is whole lines; one number more from row to row, and they do not.
    [Theory]
    [InlineData(8, 8, true)]
    [InlineData(5, 2, false)]
    public void A_sum_that_is_stored_past_the_caches_has_the_same_bits(int samples, int last, bool pairs)
    {
        const int M = 1003, N = 2112;
        int[] bounds = [0, samples, 2 * samples, 3 * samples, (3 * samples) + last];
        Assert.Equal(pairs, LeafSchedule.CanPair<Isa256, Vector256<float>>(bounds));
        using var a = new TestMatrix(bounds[^1], M);
        using var b = new TestMatrix(bounds[^1], N, seed: 2);
        using var streamed = new TestMatrix(M, N, gap: 16, seed: 3);
        using var ordinary = new TestMatrix(M, N, gap: 17, seed: 3);
        Assert.True(StreamedStrip.Suits(streamed.Pointer, streamed.Stride, M, N));
        Assert.False(StreamedStrip.Suits(ordinary.Pointer, ordinary.Stride, M, N));
        var left = new MatrixOperand(a.Pointer, a.Stride, transposed: true);
        foreach (int threads in new[] { 1, 2, 3 })
        {
            using var crew = new ComputeCrew(threads);
            foreach (Width width in Width.All)
            {
                new Span<float>(streamed.Pointer, M * streamed.Stride).Fill(float.NaN);
                width.MultiplyLeaves(crew, M, N, left, b.Operand, bounds, streamed.Pointer, streamed.Stride);
                width.MultiplyLeaves(crew, M, N, left, b.Operand, bounds, ordinary.Pointer, ordinary.Stride);
                for (int i = 0; i < M; i++)
                {
                    var row = new ReadOnlySpan<uint>(streamed.Pointer + ((long)i * streamed.Stride), streamed.Stride);
                    Assert.True(row[..N].SequenceEqual(new ReadOnlySpan<uint>(ordinary.Pointer + ((long)i * ordinary.Stride), N)), $"row {i}, {width}, {threads} threads");
                    Assert.Equal(-1, row[N..].IndexOfAnyExcept(BitConverter.SingleToUInt32Bits(float.NaN)));
                }
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3, 0, 1, 2, 3)]
    [InlineData(2, 0, 5, 4)]
    public void Leaves_that_make_no_tree_are_refused(int leaves, params int[] bounds)
    {
        using var crew = new ComputeCrew(1);
        _ = leaves;
        Assert.Throws<ArgumentException>(() => MatrixProduct.MultiplyLeaves(crew, 1, 1, default, default, bounds, null, 1));
        Assert.Throws<ArgumentException>(() => ColumnSums.SumLeaves(crew, null, 1, 1, bounds, null));
    }

    private static void VerifyProduct(ComputeCrew crew, Width width, int[] bounds, int m, int n, bool transposed)
    {
        int samples = bounds[^1];
        using var a = new TestMatrix(m, samples, transposed);
        using var b = new TestMatrix(samples, n, seed: 2);
        using var c = new TestMatrix(m, n, seed: 4);
        using var expected = new TestMatrix(m, n, seed: 4);
        for (int i = 0; i < m; i++)
        {
            for (int j = 0; j < n; j++)
            {
                (int row, int column) = (i, j);
                expected[i, j] = NaiveProduct.Tree(bounds, (start, end) => NaiveProduct.Element(k => a[row, k], k => b[k, column], start, end));
            }
        }
        width.MultiplyLeaves(crew, m, n, a.Operand, b.Operand, bounds, c.Pointer, c.Stride);
        Assert.True(expected.Bits().AsSpan().SequenceEqual(c.Bits()), $"{m}×{n}, {samples} samples, {bounds.Length - 1} leaves, {width}, {crew.Threads} threads");
    }

    private static float ColumnSum(TestMatrix y, int j, int[] bounds) => NaiveProduct.Tree(bounds, (start, end) =>
    {
        float sum = 0;
        for (int row = start; row < end; row++)
            sum += y[row, j];
        return sum;
    });

    private static int[] Bounds(int leaves, int samples) =>
        [.. Enumerable.Range(0, leaves).Select(leaf => SumTree.LeafSamples(leaf, leaves, samples).Start), samples];

    private static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);
}
