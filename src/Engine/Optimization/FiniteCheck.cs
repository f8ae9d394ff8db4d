using System.Numerics;

namespace Lockstep.Engine.Optimization;

/// <summary>
/// Whether all numbers that it was shown are finite. Optimizers that divide by their state show it that too: an infinite one would
/// leave its parameter as it is for ever.
/// </summary>
internal ref struct FiniteCheck
{
    private Vector<int> _all = Vector<int>.AllBitsSet;

    public FiniteCheck()
    {
    }

    public readonly bool Passed => Vector.EqualsAll(_all, Vector<int>.AllBitsSet);

    public void Look(Vector<float> numbers) => _all &= Vector.LessThanOrEqual(Vector.Abs(numbers), new Vector<float>(float.MaxValue));
}
