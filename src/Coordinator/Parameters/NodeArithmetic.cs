using Lockstep.Coordinator.Reduction;

namespace Lockstep.Coordinator.Parameters;

/// <summary>
/// Has the gradient sums of two nodes added, float32 by float32, on the block's thread: until that has drained a sum is only promised. Nothing is written where
/// a worker's gradient lies, so the sum goes into memory of this process: one of the two, or a third. The last addition of all is left to the update, which goes over the
/// numbers anyway.
/// </summary>
/// <param name="threads">Where the additions are done.</param>
/// <param name="pool">Where memory comes from.</param>
/// <param name="block">The block.</param>
internal sealed class GradientArithmetic(BlockThreads threads, NodeSumPool pool, int block) : ISumArithmetic<NodeSum>
{
    public NodeSum Add(NodeSum left, NodeSum right, bool isTotal)
    {
        if (isTotal)
        {
            left.Addend = right;
            return left;
        }
        NodeSum into = left.OwnsMemory ? left : right.OwnsMemory ? right : pool.Take(left.Bytes);
        threads.Post(new BlockTask(BlockWork.Add, block, left, right, into));
        return into;
    }

    public void Release(NodeSum sum) => threads.Post(new BlockTask(BlockWork.Return, block, sum));
}

/// <summary>Adds the losses, counts and metrics of two nodes, float64 by float64.</summary>
public sealed class SumsArithmetic(NodeSumPool pool) : ISumArithmetic<NodeSum>
{
    public NodeSum Add(NodeSum left, NodeSum right, bool isTotal)
    {
        Span<double> into = left.Sums, from = right.Sums;
        for (int i = 0; i < into.Length; i++)
            into[i] += from[i];
        pool.Return(right);
        return left;
    }

    public void Release(NodeSum sum) => pool.Return(sum);
}
