using Lockstep.Engine.Trees;
using Lockstep.Protocol;
using Lockstep.Protocol.Messages;

namespace Lockstep.WorkerNode.Scheduling;

/// <summary>
/// What this worker has to compute at the step that its parameters are for: its nodes in the view that holds, without
/// those that it has computed. Pure: it is told of views and versions, and asked.
/// </summary>
/// <param name="worker">This worker's incarnation.</param>
/// <param name="shards">Leaves of the tree.</param>
public sealed class NodeSchedule(long worker, int shards)
{
    private readonly List<ViewPublished> _views = [];
    private readonly bool[] _computed = new bool[shards];
    private int _requiredView;

    /// <summary>The step that is computed; −1 before the first version has come.</summary>
    public long Step { get; private set; } = -1;

    /// <summary>Whether the version names a view that has not come yet, so that nothing may be begun.</summary>
    public bool AwaitsView => (Present?.Number ?? 0) < _requiredView && Safety.Holds(SafetyRule.AwaitNamedView);

    /// <summary>Whether a view that came off the wire gives this worker nodes of the tree and nothing else.</summary>
    public bool Fits(ViewPublished view) => view is { Number: > 0, Shares: not null } && view.Shares.All(share =>
        share?.Nodes is not null && share.Nodes.All(run => new TreeNode(run.First, run.Count) is { IsAligned: true } node && SumTree.Root(shards).Contains(node)));

    /// <summary>Takes a view. Messages may come twice or out of order: at every step the view with the highest number counts, of those that have begun.</summary>
    /// <exception cref="ArgumentException">The view gives out leaves that are no nodes of the tree.</exception>
    public void Add(ViewPublished view)
    {
        if (!Fits(view))
            throw new ArgumentException($"View {view.Number} gives out leaves that are no nodes of a tree of {shards} leaves.", nameof(view));
        bool byNumber = Safety.Holds(SafetyRule.FollowNewestView);
        if (byNumber && _views.Exists(known => known.Number == view.Number || (known.Number > view.Number && known.FromStep <= view.FromStep)))
            return;
        _views.RemoveAll(older => (older.Number < view.Number || !byNumber) && older.FromStep >= view.FromStep);
        int newer = byNumber ? _views.FindIndex(known => known.Number > view.Number) : -1;
        _views.Insert(newer < 0 ? _views.Count : newer, view);
        Forget();
    }

    /// <summary>A newer version has come.</summary>
    /// <param name="step">The step that it is for.</param>
    /// <param name="requiredView">The view that holds for it; 0 where there is none yet.</param>
    public void Begin(long step, int requiredView)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(step, Step);
        Step = step;
        _requiredView = requiredView;
        Array.Clear(_computed);
        Forget();
    }

    /// <summary>The nodes that are still to be computed, the fewest that cover them; none while the view is awaited.</summary>
    public IReadOnlyList<TreeNode> Todo()
    {
        if (Step < 0 || AwaitsView || Present is not { } holds)
            return [];
        IEnumerable<LeafRun> mine = holds.Shares.Where(share => share.Incarnation == worker).SelectMany(share => share.Nodes);
        var todo = new List<TreeNode>();
        foreach (LeafRun run in mine)
            todo.AddRange(Missing(new TreeNode(run.First, run.Count)));
        return todo;
    }

    /// <summary>Nodes have been computed.</summary>
    public void Done(IEnumerable<TreeNode> nodes)
    {
        foreach (TreeNode node in nodes)
            _computed.AsSpan(node.Start, node.Count).Fill(true);
    }

    /// <summary>The view that holds for the step; null while none has come.</summary>
    private ViewPublished? Present => _views.FindLast(view => view.FromStep <= Step);

    private IEnumerable<TreeNode> Missing(TreeNode node)
    {
        for (int start = node.Start; start < node.End;)
        {
            int end = start;
            while (end < node.End && _computed[end] == _computed[start])
                end++;
            if (!_computed[start])
            {
                foreach (TreeNode missing in SumTree.Decompose(start, end))
                    yield return missing;
            }
            start = end;
        }
    }

    private void Forget()
    {
        int holds = _views.FindLastIndex(view => view.FromStep <= Step);
        if (holds > 0)
            _views.RemoveRange(0, holds);
    }
}
