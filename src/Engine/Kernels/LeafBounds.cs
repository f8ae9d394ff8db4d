using System.Numerics;

namespace Lockstep.Engine.Kernels;

/// <summary>The bounds of the leaves of a tree: leaf i holds the samples from entry i up to entry i + 1.</summary>
internal static class LeafBounds
{
    /// <exception cref="ArgumentException">The leaves are not a power of two, or their bounds go down.</exception>
    public static void Require(ReadOnlySpan<int> bounds)
    {
        if (bounds.Length < 2 || !BitOperations.IsPow2(bounds.Length - 1))
            throw new ArgumentException($"A tree has a power of two of leaves, so its bounds are one more; these are {bounds.Length}.", nameof(bounds));
        for (int leaf = 0; leaf < bounds.Length - 1; leaf++)
        {
            if (bounds[leaf] < 0 || bounds[leaf + 1] < bounds[leaf])
                throw new ArgumentException($"Leaf {leaf} would hold the samples from {bounds[leaf]} up to {bounds[leaf + 1]}.", nameof(bounds));
        }
    }
}
