using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lockstep.Engine.Optimization;

/// <summary>
/// Whether all numbers that it was shown are finite. Optimizers that divide by their state show it that too: an infinite one would
/// leave its parameter as it is for ever.
/// </summary>
internal ref struct FiniteCheck
{
    private Vector256<int> _all = Vector256<int>.AllBitsSet;

    public FiniteCheck()
    {
    }

    public readonly bool Passed => Vector256.EqualsAll(_all, Vector256<int>.AllBitsSet);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Look(Vector256<float> numbers) => _all &= Vector256.LessThanOrEqual(Vector256.Abs(numbers), Vector256.Create(float.MaxValue)).AsInt32();
}
