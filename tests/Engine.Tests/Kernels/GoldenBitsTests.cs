using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Lockstep.Engine.Functions;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Randomness;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Tests.Kernels;

/// <summary>
/// What the public kernels give, as hashes that this test itself printed once. They hold on every machine, and with the runtime's
/// switches DOTNET_EnableAVX512=0, DOTNET_EnableAVX2=0 and DOTNET_EnableHWIntrinsic=0.
/// </summary>
public sealed unsafe class GoldenBitsTests
{
    private const int M = 37;
    private const int N = 43;
    private const int K = 530;

    [Fact]
    public void Products_have_the_same_bits_everywhere()
    {
        using var crew = new ComputeCrew(2);
        using FloatBuffer a = Numbers(M * K, 1);
        using FloatBuffer b = Numbers(K * N, 2);
        using var c = new FloatBuffer(M * N);
        MatrixProduct.Multiply(crew, M, N, K, new MatrixOperand(a.Pointer, K), new MatrixOperand(b.Pointer, N), c.Pointer, N, b.Pointer);
        Assert.Equal("c2a27a76135f626c", Hash(c));
        MatrixProduct.MultiplyLeaves(crew, M, N, new MatrixOperand(a.Pointer, M, true), new MatrixOperand(b.Pointer, N), [0, 100, 100, 107, K], c.Pointer, N);
        Assert.Equal("4fbe8b12374e6905", Hash(c));
    }

    [Fact]
    public void Functions_have_the_same_bits_everywhere()
    {
        const int count = 4001;
        using FloatBuffer x = Numbers(count, 3);
        using var y = new FloatBuffer(count * 4);
        VectorMath.Scale(x.Pointer, count, 40f);
        VectorMath.Exp(x.Pointer, y.Pointer, count);
        VectorMath.Log(y.Pointer, y.Pointer + count, count);
        VectorMath.Tanh(x.Pointer, y.Pointer + (2 * count), count);
        VectorMath.Sigmoid(x.Pointer, y.Pointer + (3 * count), count);
        Assert.Equal("c98c408597f76b42", Hash(y));
    }

    [Fact]
    public void Float64_functions_have_the_same_bits_everywhere()
    {
        var values = new double[1000];
        for (int i = 0; i < values.Length; i++)
        {
            double x = ScalarMath.Exp((i - 500) * 0.37);
            values[i] = ScalarMath.Log(x + 1) + ScalarMath.Sin(i * 0.731) + ScalarMath.Cos(i * 91.3) + ScalarMath.Pow(x, 0.3);
        }
        Assert.Equal("fdeaa9c15ef1c5e7", Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(values.AsSpan())))[..16]);
    }

    private static FloatBuffer Numbers(int count, uint layer)
    {
        var buffer = new FloatBuffer(count);
        var random = new CounterRandom(2026, RandomPurpose.Sampling, layer);
        for (int i = 0; i < count; i++)
            buffer.Pointer[i] = (float)random.Gaussian(0, 0, (uint)i);
        return buffer;
    }

    private static string Hash(FloatBuffer buffer) => Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(buffer.Span)))[..16];
}
