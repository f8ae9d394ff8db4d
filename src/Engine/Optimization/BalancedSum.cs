using System.Numerics;

namespace Lockstep.Engine.Optimization;

/// <summary>
/// The order in which numbers of blocks are added: as a binary tree whose left half holds the largest power of two of
/// them that is less than all, so that any number of blocks has one order.
/// </summary>
internal static class BalancedSum
{
    public static double Of(ReadOnlySpan<double> values)
    {
        if (values.Length <= 1)
            return values.IsEmpty ? 0 : values[0];
        int left = (int)(BitOperations.RoundUpToPowerOf2((uint)values.Length) / 2);
        return Of(values[..left]) + Of(values[left..]);
    }
}
