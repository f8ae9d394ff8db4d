namespace Lockstep.Engine.Trees;

/// <summary>
/// A node of the sum tree: an aligned run of leaves. <paramref name="Count"/> is a power of two and
/// <paramref name="Start"/> a multiple of it, so every node is either a leaf or the sum of two smaller nodes.
/// </summary>
/// <param name="Start">The first leaf.</param>
/// <param name="Count">How many leaves the node covers.</param>
public readonly record struct TreeNode(int Start, int Count)
{
    /// <summary>The first leaf after the node.</summary>
    public int End => Start + Count;

    /// <summary>Whether this is a node of some sum tree at all: what comes off a wire may be anything.</summary>
    public bool IsAligned => Count > 0 && (Count & (Count - 1)) == 0 && Start >= 0 && (Start & (Count - 1)) == 0;

    /// <summary>Whether the node is the left one of its pair.</summary>
    public bool IsLeft => (Start & Count) == 0;

    /// <summary>The other node of the pair.</summary>
    public TreeNode Sibling => this with { Start = Start ^ Count };

    /// <summary>The node that is the sum of this one and its sibling.</summary>
    public TreeNode Parent => new(Start & ~Count, Count * 2);

    /// <summary>The left half; only a node of two leaves or more has one.</summary>
    public TreeNode Left => Half(0);

    /// <summary>The right half; only a node of two leaves or more has one.</summary>
    public TreeNode Right => Half(Count / 2);

    /// <summary>Whether every leaf of <paramref name="other"/>, which may be anything that came off a wire, is one of this node's.</summary>
    public bool Contains(TreeNode other) => Start <= other.Start && (long)other.Start + other.Count <= (long)Start + Count;

    public override string ToString() => Count == 1 ? $"leaf {Start}" : $"leaves {Start}..{End - 1}";

    private TreeNode Half(int offset) => Count > 1
        ? new TreeNode(Start + offset, Count / 2)
        : throw new InvalidOperationException($"{this} cannot be halved.");
}
