using System.Numerics.Tensors;
using Lockstep.Benchmarks.Measuring;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Memory;

namespace Lockstep.Benchmarks.Kernels;

/// <summary>Functions over arrays on one thread: 65,536 numbers, which stay in the second-level cache.</summary>
internal static unsafe class ElementwiseBenchmark
{
    /// <summary>Numbers a call.</summary>
    public const int Length = 65_536;

    /// <summary>A function of x that writes y.</summary>
    public delegate void Function(float* x, float* y, long count);

    /// <summary>What is measured.</summary>
    /// <param name="Name">What it is called; a peer knows it by that too.</param>
    /// <param name="Own">The engine's.</param>
    /// <param name="Tensor">TensorPrimitives' of .NET, which give other bits on other machines.</param>
    /// <param name="IsKnownToPeers">Whether libtorch has it as one function.</param>
    public sealed record Case(string Name, Function Own, Function Tensor, bool IsKnownToPeers = true);

    public static IReadOnlyList<Case> Cases { get; } =
    [
        new("exp", VectorMath.Exp, (x, y, count) => TensorPrimitives.Exp(Read(x, count), Write(y, count))),
        new("log", VectorMath.Log, (x, y, count) => TensorPrimitives.Log(Read(x, count), Write(y, count))),
        new("tanh", VectorMath.Tanh, (x, y, count) => TensorPrimitives.Tanh(Read(x, count), Write(y, count))),
        new("sigmoid", VectorMath.Sigmoid, (x, y, count) => TensorPrimitives.Sigmoid(Read(x, count), Write(y, count))),
        new("relu", VectorMath.Relu, (x, y, count) => TensorPrimitives.Max(Read(x, count), 0, Write(y, count))),
        new("y += x", (x, y, count) => VectorMath.Add(y, x, count), (x, y, count) => TensorPrimitives.Add(Read(y, count), Read(x, count), Write(y, count)), IsKnownToPeers: false),
        new("y /= 3", (_, y, count) => VectorMath.Divide(y, count, 3), (_, y, count) => TensorPrimitives.Divide(Read(y, count), 3, Write(y, count)), IsKnownToPeers: false),
        new("sum of squares of x", (x, y, count) => y[0] = (float)VectorMath.SumOfSquares(x, checked((int)count)), (x, y, count) => y[0] = TensorPrimitives.SumOfSquares(Read(x, count)), IsKnownToPeers: false),
    ];

    /// <summary>Milliseconds of one call.</summary>
    public static Distribution Measure(Function function, Repetition repetition)
    {
        // In (0, 2], as the peer has them: everywhere defined, and where log has no fast way out.
        using FloatBuffer x = ProductBenchmark.Filled(Length), y = ProductBenchmark.Filled(Length);
        for (int i = 0; i < Length; i++)
            x.Pointer[i] += 129f / 128f;
        return KernelTimer.Measure(repetition, () => function(x.Pointer, y.Pointer, Length));
    }

    private static ReadOnlySpan<float> Read(float* numbers, long count) => new(numbers, checked((int)count));

    private static Span<float> Write(float* numbers, long count) => new(numbers, checked((int)count));
}
