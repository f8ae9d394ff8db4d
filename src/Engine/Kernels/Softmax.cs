using Lockstep.Engine.Functions;

namespace Lockstep.Engine.Kernels;

/// <summary>Softmax of a row, and what a cross-entropy loss needs besides.</summary>
/// <param name="Maximum">The largest logit M.</param>
/// <param name="Sum">Σ exp(zⱼ − M).</param>
public readonly record struct SoftmaxRow(float Maximum, float Sum)
{
    /// <summary>ln Σ exp zⱼ = M + ln Σ exp(zⱼ − M), in float64.</summary>
    public double LogSumExp => Maximum + ScalarMath.Log((double)Sum);
}

/// <summary>Softmax over rows.</summary>
public static unsafe class Softmax
{
    /// <summary>pⱼ = exp(zⱼ − M)/Σ exp(zᵢ − M), with M = max zᵢ. p may lie where z lies.</summary>
    /// <param name="z">[n] logits.</param>
    /// <param name="n">Classes; at least 1.</param>
    /// <param name="p">[n] probabilities, overwritten.</param>
    public static SoftmaxRow Row(float* z, int n, float* p)
    {
        float maximum = VectorMath.Max(z, n);
        Elementwise.Map(new ShiftOperator(maximum), z, p, n);
        VectorMath.Exp(p, p, n);
        float sum = VectorMath.Sum(p, n);
        VectorMath.Divide(p, n, sum);
        return new SoftmaxRow(maximum, sum);
    }
}
