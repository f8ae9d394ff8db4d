using Lockstep.Engine.Kernels;

namespace Lockstep.Engine.Optimization;

/// <summary>
/// A block of the gradient summed over the whole minibatch, not divided yet: the numbers, or those of two halves that are still to be added. Then the sum need not be
/// written anywhere on its way to the update.
/// </summary>
public readonly unsafe struct GradientSum
{
    private readonly float* _left;
    private readonly float* _right;

    /// <param name="sum">[block length].</param>
    public GradientSum(float* sum)
        : this(sum, null)
    {
    }

    /// <param name="left">The sum over the first half of the minibatch, [block length].</param>
    /// <param name="right">That over the second, or null where the other is all.</param>
    public GradientSum(float* left, float* right)
    {
        _left = left;
        _right = right;
    }

    /// <summary>Where numbers of the sum lie: where they did, or, if they had to be added, in <paramref name="memory"/>.</summary>
    internal float* Read(int first, int count, float* memory)
    {
        if (_right is null)
            return _left + first;
        VectorMath.Add(_left + first, _right + first, memory, count);
        return memory;
    }

    /// <summary>The mean, made number by number as it is used.</summary>
    /// <param name="first">The first of the numbers.</param>
    /// <param name="divisor">What the sum is divided by.</param>
    /// <param name="squares">The squares of the numbers before.</param>
    internal MeanGradient Mean(int first, float divisor, in SquareSum squares) => new(_left + first, _right is null ? null : _right + first, divisor, squares);
}
