using Lockstep.Coordinator.Reduction;
using Lockstep.Engine.Kernels;

namespace Lockstep.Coordinator.Parameters;

/// <summary>Adds the gradient sums of two nodes, float32 by float32.</summary>
public sealed class GradientArithmetic(NodeSumPool pool) : ISumArithmetic<NodeSum>
{
    public unsafe NodeSum Add(NodeSum left, NodeSum right)
    {
        VectorMath.Add(left.Floats, right.Floats, left.Bytes / sizeof(float));
        pool.Return(right);
        return left;
    }

    public void Release(NodeSum sum) => pool.Return(sum);
}

/// <summary>Adds the losses, counts and metrics of two nodes, float64 by float64.</summary>
public sealed class SumsArithmetic(NodeSumPool pool) : ISumArithmetic<NodeSum>
{
    public NodeSum Add(NodeSum left, NodeSum right)
    {
        Span<double> into = left.Sums, from = right.Sums;
        for (int i = 0; i < into.Length; i++)
            into[i] += from[i];
        pool.Return(right);
        return left;
    }

    public void Release(NodeSum sum) => pool.Return(sum);
}
