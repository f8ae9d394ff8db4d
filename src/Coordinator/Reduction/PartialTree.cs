using Lockstep.Engine.Trees;
using Lockstep.Protocol;

namespace Lockstep.Coordinator.Reduction;

/// <summary>What became of a sum that was offered to a tree.</summary>
public enum OfferResult
{
    /// <summary>It is part of the tree now.</summary>
    Accepted = 0,

    /// <summary>The tree had all its leaves already; the sum is the caller's to give back.</summary>
    Duplicate = 1,
}

/// <summary>How the sums of one channel are added and given back.</summary>
/// <typeparam name="TSum">The sum of a node.</typeparam>
public interface ISumArithmetic<TSum>
{
    /// <summary>left + right, element by element; takes both and gives back what it does not return.</summary>
    /// <param name="left">The sum of the left one of two siblings.</param>
    /// <param name="right">The sum of the other.</param>
    /// <param name="isTotal">Whether this makes the sum over all leaves.</param>
    TSum Add(TSum left, TSum right, bool isTotal);

    /// <summary>The sum is not needed any more.</summary>
    void Release(TSum sum);
}

/// <summary>
/// The sum tree of one channel, filled by nodes of any size, in any order, cut any way. Two siblings are added as soon
/// as both are there. A node that covers smaller ones already present takes their place: its sum is by definition the
/// sum that they would have become, and it is whole.
/// </summary>
/// <typeparam name="TSum">The sum of a node.</typeparam>
public sealed class PartialTree<TSum>
{
    private readonly TreeNode _root;
    private readonly ISumArithmetic<TSum> _arithmetic;
    private readonly List<(TreeNode Node, TSum Sum)> _present = [];
    private bool _taken;

    public PartialTree(int shards, ISumArithmetic<TSum> arithmetic)
    {
        _root = SumTree.Root(shards);
        _arithmetic = arithmetic;
    }

    /// <summary>Whether every leaf is in the one sum.</summary>
    public bool IsComplete => _present.Count == 1 && (_present[0].Node == _root || !Safety.Holds(SafetyRule.NeedEveryLeaf));

    /// <summary>The sum over all leaves.</summary>
    /// <exception cref="InvalidOperationException">Leaves are missing.</exception>
    public TSum Total => !IsComplete ? throw new InvalidOperationException($"The tree lacks {string.Join(", ", Missing())}.")
        : _taken ? throw new InvalidOperationException("The sum was taken.")
        : _present[0].Sum;

    /// <summary>The sum over all leaves, which is the caller's from now on, to give back too. The tree still knows that it is complete.</summary>
    /// <exception cref="InvalidOperationException">Leaves are missing, or it was taken before.</exception>
    public TSum TakeTotal()
    {
        TSum total = Total;
        _taken = true;
        return total;
    }

    /// <summary>Leaves whose sum has arrived.</summary>
    public int CoveredLeaves => _present.Sum(part => part.Node.Count);

    /// <summary>Whether a node could be in this tree at all.</summary>
    public bool Fits(TreeNode node) => (node.IsAligned && _root.Contains(node)) || !Safety.Holds(SafetyRule.RefuseForeignNode);

    /// <summary>Whether all leaves of a node have arrived.</summary>
    public bool Covers(TreeNode node) => _present.Exists(part => part.Node.Contains(node));

    /// <summary>Adds the sum of a node.</summary>
    /// <exception cref="ArgumentException">The node is none of this tree's.</exception>
    public OfferResult Offer(TreeNode node, TSum sum)
    {
        if (!Fits(node))
            throw new ArgumentException($"{node} is no node of a tree of {_root.Count} leaves.", nameof(node));
        if (Covers(node) && Safety.Holds(SafetyRule.IgnoreCovered))
            return OfferResult.Duplicate;

        if (Safety.Holds(SafetyRule.ReplaceSmallerNodes))
            ReleaseInside(node);
        while (node != _root && TryTake(node.Sibling, out TSum? sibling))
        {
            bool isTotal = node.Parent == _root;
            sum = node.IsLeft || !Safety.Holds(SafetyRule.AddLeftBeforeRight) ? _arithmetic.Add(sum, sibling, isTotal) : _arithmetic.Add(sibling, sum, isTotal);
            node = node.Parent;
        }
        _present.Add((node, sum));
        return OfferResult.Accepted;
    }

    /// <summary>The fewest nodes that would complete the tree.</summary>
    public IReadOnlyList<TreeNode> Missing()
    {
        var missing = new List<TreeNode>();
        int next = 0;
        foreach ((TreeNode node, _) in _present.OrderBy(part => part.Node.Start))
        {
            missing.AddRange(SumTree.Decompose(next, node.Start));
            next = node.End;
        }
        missing.AddRange(SumTree.Decompose(next, _root.Count));
        return missing;
    }

    /// <summary>Empties the tree for the next step and gives every sum back.</summary>
    public void Clear()
    {
        if (!_taken)
        {
            foreach ((_, TSum sum) in _present)
                _arithmetic.Release(sum);
        }
        _present.Clear();
        _taken = false;
    }

    private void ReleaseInside(TreeNode node)
    {
        for (int i = _present.Count - 1; i >= 0; i--)
        {
            if (!node.Contains(_present[i].Node))
                continue;
            _arithmetic.Release(_present[i].Sum);
            _present.RemoveAt(i);
        }
    }

    private bool TryTake(TreeNode node, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TSum sum)
    {
        for (int i = 0; i < _present.Count; i++)
        {
            if (_present[i].Node != node && (_present[i].Node.Count != node.Count || Safety.Holds(SafetyRule.AddSiblingsOnly)))
                continue;
            sum = _present[i].Sum;
            _present.RemoveAt(i);
            return true;
        }
        sum = default;
        return false;
    }
}
