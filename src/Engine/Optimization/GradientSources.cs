using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lockstep.Engine.Kernels;

namespace Lockstep.Engine.Optimization;

/// <summary>Where an optimizer has a run's gradient from. A struct, so that the loop has it inlined.</summary>
internal interface IGradientSource
{
    /// <summary>The next sixteen numbers; called once for each, in order.</summary>
    /// <param name="i">Where they lie, counted from the run's first.</param>
    /// <param name="low">The first eight.</param>
    /// <param name="high">The others.</param>
    void Read(nint i, out Vector256<float> low, out Vector256<float> high);
}

/// <summary>A gradient that is ready.</summary>
internal readonly unsafe struct PreparedGradient(float* numbers) : IGradientSource
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read(nint i, out Vector256<float> low, out Vector256<float> high)
    {
        low = Vector256.Load(numbers + i);
        high = Vector256.Load(numbers + i + 8);
    }
}

/// <summary>The mean of a gradient's sum, made where it is used: parameters that no penalty and no clipping concerns are updated in a single pass over memory.</summary>
internal unsafe struct MeanGradient : IGradientSource
{
    private readonly float* _left;
    private readonly float* _right;
    private readonly float _divisor;
    private readonly bool _multiplies;
    private SquareSum _squares;

    /// <param name="left">The undivided sum, or the first half of it.</param>
    /// <param name="right">The other half, or null.</param>
    /// <param name="divisor">What it is divided by.</param>
    /// <param name="squares">The squares of what was read before.</param>
    public MeanGradient(float* left, float* right, float divisor, in SquareSum squares)
    {
        _left = left;
        _right = right;
        _multiplies = VectorMath.HasExactReciprocal(divisor);
        _divisor = _multiplies ? 1 / divisor : divisor;
        _squares = squares;
    }

    /// <summary>With the squares of all that was read.</summary>
    public readonly SquareSum Squares => _squares;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Read(nint i, out Vector256<float> low, out Vector256<float> high)
    {
        Vector256<float> first = Vector256.Load(_left + i), second = Vector256.Load(_left + i + 8);
        if (_right is not null)
        {
            first += Vector256.Load(_right + i);
            second += Vector256.Load(_right + i + 8);
        }
        var divisor = Vector256.Create(_divisor);
        low = _multiplies ? first * divisor : first / divisor;
        high = _multiplies ? second * divisor : second / divisor;
        _squares.Add(low, high);
    }
}
