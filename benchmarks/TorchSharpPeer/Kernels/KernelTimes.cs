using Lockstep.Benchmarks.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Lockstep.TorchSharpPeer.Kernels;

/// <summary>Single kernels of libtorch, results written to memory that is there before.</summary>
internal static class KernelTimes
{
    /// <summary>Milliseconds of a call by the median, products first.</summary>
    public static IReadOnlyList<double> Measure(KernelWork work)
    {
        set_num_threads(work.Threads);
        using var withoutGradients = no_grad();
        return [.. work.Products.Select(product => OfProduct(product, work)), .. work.Functions.Select(name => OfFunction(name, work))];
    }

    private static double OfProduct(ProductWork product, KernelWork work)
    {
        using var scope = NewDisposeScope();
        Tensor left = Filled(product.LeftTransposed ? [product.K, product.M] : [product.M, product.K]), right = Filled(product.RightTransposed ? [product.N, product.K] : [product.K, product.N]);
        Tensor result = empty(product.M, product.N), a = product.LeftTransposed ? left.t() : left, b = product.RightTransposed ? right.t() : right;
        return KernelTimer.Measure(work.Repetition(), () => result = result.addmm_(a, b, beta: 0, alpha: 1)).Median;
    }

    // In place over numbers in (0, 2], which are written anew before each call, as libtorch's functions with a result of their own allocate it: the copy is timed alone and taken off.
    private static double OfFunction(string name, KernelWork work)
    {
        using var scope = NewDisposeScope();
        Tensor source = Filled([work.Length]), numbers = source.clone();
        Action function = name switch
        {
            "exp" => () => numbers.exp_(),
            "log" => () => numbers.log_(),
            "tanh" => () => numbers.tanh_(),
            "sigmoid" => () => numbers.sigmoid_(),
            "relu" => () => numbers.relu_(),
            _ => throw new ArgumentException($"There is no function '{name}' here.", nameof(name)),
        };
        double both = Time(() =>
        {
            numbers.copy_(source);
            function();
        });
        return Math.Max(0, both - Time(() => numbers.copy_(source)));

        double Time(Action call) => KernelTimer.Measure(work.Repetition(), () =>
        {
            using var inner = NewDisposeScope();
            call();
        }).Median;
    }

    private static Tensor Filled(long[] shape)
    {
        long length = shape.Aggregate(1L, (product, axis) => product * axis);
        using Tensor counted = arange(length);
        return ((counted * 31 % 257) + 1).to(float32).div(128).reshape(shape);
    }
}
