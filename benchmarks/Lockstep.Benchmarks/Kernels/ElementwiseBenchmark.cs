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

    public static IReadOnlyList<(string Name, Function Function)> Cases { get; } =
    [
        ("exp", VectorMath.Exp),
        ("log", VectorMath.Log),
        ("tanh", VectorMath.Tanh),
        ("sigmoid", VectorMath.Sigmoid),
        ("relu", VectorMath.Relu),
        ("y += x", (x, y, count) => VectorMath.Add(y, x, count)),
        ("y /= 3", (_, y, count) => VectorMath.Divide(y, count, 3)),
        ("sum of squares of x", (x, y, count) => y[0] = (float)VectorMath.SumOfSquares(x, checked((int)count))),
    ];

    /// <summary>Milliseconds of one call.</summary>
    public static Distribution Measure(Function function, Repetition repetition)
    {
        using FloatBuffer x = ProductBenchmark.Filled(Length), y = ProductBenchmark.Filled(Length);
        return KernelTimer.Measure(repetition, () => function(x.Pointer, y.Pointer, Length));
    }
}
