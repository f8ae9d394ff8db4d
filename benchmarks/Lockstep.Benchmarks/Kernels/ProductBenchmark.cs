using Lockstep.Benchmarks.Measuring;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Threading;

namespace Lockstep.Benchmarks.Kernels;

/// <summary>A matrix product of one shape.</summary>
/// <param name="M">Rows of the result.</param>
/// <param name="N">Columns of the result.</param>
/// <param name="K">Terms of an element.</param>
/// <param name="LeftTransposed">Whether the left operand is stored [K, M].</param>
/// <param name="RightTransposed">Whether the right operand is stored [N, K].</param>
/// <param name="Prepacked">Whether the right operand was packed before.</param>
internal sealed record ProductCase(int M, int N, int K, bool LeftTransposed = false, bool RightTransposed = false, bool Prepacked = false)
{
    public double Flops => 2.0 * M * N * K;

    public override string ToString() =>
        $"{M}×{N}×{K} {(LeftTransposed ? "T" : "N")}{(RightTransposed ? "T" : "N")}{(Prepacked ? ", prepacked" : "")}";
}

/// <summary>Matrix products at the shapes of training, and square ones.</summary>
internal static unsafe class ProductBenchmark
{
    public static IReadOnlyList<ProductCase> Cases { get; } =
    [
        new(128, 512, 784, RightTransposed: true),
        new(128, 512, 784, RightTransposed: true, Prepacked: true),
        new(128, 512, 512, RightTransposed: true, Prepacked: true),
        new(128, 10, 512, RightTransposed: true, Prepacked: true),
        new(128, 512, 512, Prepacked: true),
        new(512, 784, 128, LeftTransposed: true),
        new(512, 512, 128, LeftTransposed: true),
        new(10, 512, 128, LeftTransposed: true),
        new(256, 256, 256),
        new(512, 512, 512),
        new(1024, 1024, 1024),
        new(1024, 1024, 1024, RightTransposed: true),
    ];

    /// <summary>Milliseconds of one product.</summary>
    public static Distribution Measure(ProductCase product, int threads, Repetition repetition)
    {
        using var crew = new ComputeCrew(threads);
        using FloatBuffer a = Filled((long)product.M * product.K), b = Filled((long)product.K * product.N), c = new((long)product.M * product.N);
        using var packed = new PackedMatrix(product.K, product.N);
        var left = new MatrixOperand(a.Pointer, product.LeftTransposed ? product.M : product.K, product.LeftTransposed);
        var right = new MatrixOperand(b.Pointer, product.RightTransposed ? product.K : product.N, product.RightTransposed);
        packed.Pack(crew, right);
        return KernelTimer.Measure(repetition, () =>
        {
            if (product.Prepacked)
                MatrixProduct.Multiply(crew, product.M, product.N, product.K, left, packed, c.Pointer, product.N);
            else
                MatrixProduct.Multiply(crew, product.M, product.N, product.K, left, right, c.Pointer, product.N);
        });
    }

    internal static FloatBuffer Filled(long length)
    {
        var buffer = new FloatBuffer(length);
        for (int i = 0; i < length; i++)
            buffer.Pointer[i] = ((i * 31 % 257) - 128) / 128f;
        return buffer;
    }
}
