namespace Lockstep.Engine.Trees;

/// <summary>
/// The one order in which sums over samples are taken. A minibatch has <c>shards</c> leaves, a power of two; each
/// leaf is a fixed run of samples, added in their order, and leaves are added as a balanced binary tree. Nothing about
/// the cluster enters here, which is why nothing about the cluster can change a sum.
/// </summary>
public static class SumTree
{
    /// <summary>The largest number of leaves that a job may ask for.</summary>
    public const int MaximumShards = 4096;

    /// <summary>The whole tree of <paramref name="shards"/> leaves.</summary>
    public static TreeNode Root(int shards)
    {
        RequireShards(shards);
        return new TreeNode(0, shards);
    }

    /// <summary>
    /// The samples of one leaf: from ⌊leaf·samples/shards⌋ up to, not including, ⌊(leaf+1)·samples/shards⌋; perhaps none.
    /// </summary>
    public static (int Start, int End) LeafSamples(int leaf, int shards, int samples)
    {
        RequireShards(shards);
        ArgumentOutOfRangeException.ThrowIfNegative(samples);
        ArgumentOutOfRangeException.ThrowIfNegative(leaf);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(leaf, shards);
        return (Bound(leaf, shards, samples), Bound(leaf + 1, shards, samples));
    }

    /// <summary>The samples of all leaves of a node, which are one run.</summary>
    public static (int Start, int End) NodeSamples(TreeNode node, int shards, int samples) =>
        (Bound(node.Start, shards, samples), Bound(node.End, shards, samples));

    /// <summary>The fewest nodes that cover exactly the leaves from <paramref name="start"/> up to <paramref name="end"/>, in order.</summary>
    public static IReadOnlyList<TreeNode> Decompose(int start, int end)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfLessThan(end, start);
        var nodes = new List<TreeNode>();
        while (start < end)
        {
            int count = 1;
            while ((start & count) == 0 && start + (count * 2) <= end)
                count *= 2;
            nodes.Add(new TreeNode(start, count));
            start += count;
        }
        return nodes;
    }

    /// <summary>Whether a number of leaves is one that the tree can have: a power of two up to <see cref="MaximumShards"/>.</summary>
    public static bool IsShardCount(int shards) => shards is >= 1 and <= MaximumShards && (shards & (shards - 1)) == 0;

    private static int Bound(int leaf, int shards, int samples) => (int)((long)leaf * samples / shards);

    private static void RequireShards(int shards)
    {
        if (!IsShardCount(shards))
            throw new ArgumentOutOfRangeException(nameof(shards), shards, $"The number of leaves is a power of two from 1 to {MaximumShards}.");
    }
}
