using Lockstep.Engine.Trees;

namespace Lockstep.Coordinator.Views;

/// <summary>
/// Turns what happens to workers into views. Pure: it is told of events and of the step that is present, and answers
/// with the view to publish, or null where nothing changes.
/// </summary>
/// <param name="shards">Leaves of the tree.</param>
public sealed class ViewPlanner(int shards)
{
    /// <summary>A change that is not urgent takes effect so many steps ahead, so that no node is computed twice for it.</summary>
    public const int StepsAhead = 2;

    /// <summary>A new balance must promise to save this part of a step's time before it is worth a view.</summary>
    public const double WorthwhileGain = 0.1;

    private readonly SortedDictionary<long, double> _speeds = [];
    private readonly ViewHistory _views = new();
    private int _number;

    /// <summary>Workers that have, or are about to have, a share.</summary>
    public IReadOnlyCollection<long> Workers => _speeds.Keys;

    /// <summary>The newest view; null while there is none.</summary>
    public ClusterView? Newest => _views.Newest;

    /// <summary>The view that holds for a step: of those that have begun, the one with the highest number.</summary>
    public ClusterView? At(long step) => _views.At(step);

    /// <summary>A worker holds a whole version and can compute.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="step">The step that is present.</param>
    public ClusterView? Admit(long worker, long step)
    {
        if (!_speeds.TryAdd(worker, _speeds.Count > 0 ? _speeds.Values.Average() : 1))
            return null;
        return Publish(_speeds.Count == 1 ? 0 : step + StepsAhead, ShardPlan.Balance(shards, _speeds), step);
    }

    /// <summary>
    /// A worker is gone. Its nodes are given away at once; the others keep theirs. Null where nobody is left, or where it
    /// had no share in anything.
    /// </summary>
    /// <param name="worker">The worker.</param>
    /// <param name="step">The step that is present.</param>
    public ClusterView? Remove(long worker, long step)
    {
        if (!_speeds.Remove(worker))
            return null;
        if (_speeds.Count == 0)
        {
            _views.Clear();
            return null;
        }
        IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> shares = At(step)?.Shares ?? new Dictionary<long, IReadOnlyList<TreeNode>>();
        return Publish(0, ShardPlan.Reassign(shares, _speeds.Keys.ToHashSet()), step);
    }

    /// <summary>A worker's speed was measured, in leaves a second.</summary>
    public void Measure(long worker, double leavesPerSecond)
    {
        if (_speeds.ContainsKey(worker) && double.IsFinite(leavesPerSecond) && leavesPerSecond > 0)
            _speeds[worker] = leavesPerSecond;
    }

    /// <summary>Offers a better balance where there is one that is worth it.</summary>
    /// <param name="step">The step that is present.</param>
    public ClusterView? Rebalance(long step)
    {
        if (_speeds.Count == 0 || Newest is not { } newest || newest.FromStep > step)
            return null;
        IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> better = ShardPlan.Balance(shards, _speeds);
        double now = SlowestShare(newest.Shares), then = SlowestShare(better);
        return then < now * (1 - WorthwhileGain) ? Publish(step + StepsAhead, better, step) : null;
    }

    private double SlowestShare(IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> shares) =>
        shares.Max(share => share.Value.Sum(node => node.Count) / _speeds[share.Key]);

    private ClusterView Publish(long fromStep, IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> shares, long step)
    {
        // Numbers go on rising when all workers have gone, so that nobody takes an old view for a new one.
        var view = new ClusterView(++_number, fromStep, shares);
        _views.Add(view, step);
        return view;
    }
}
