using Lockstep.Engine.Trees;
using Lockstep.Protocol;

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
    public const double WorthwhileGain = 0.15;

    // Null for a worker that has not been measured.
    private readonly SortedDictionary<long, double?> _measured = [];
    private readonly ViewHistory _views = new();
    private int _number;

    /// <summary>Workers that have, or are about to have, a share.</summary>
    public IReadOnlyCollection<long> Workers => _measured.Keys;

    /// <summary>The newest view; null while there is none.</summary>
    public ClusterView? Newest => _views.Newest;

    /// <summary>The view that holds for a step: of those that have begun, the one with the highest number.</summary>
    public ClusterView? At(long step) => _views.At(step);

    /// <summary>A worker holds a whole version and can compute.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="step">The step that is present.</param>
    public ClusterView? Admit(long worker, long step) => Admit([worker], step);

    /// <summary>Several workers hold a whole version; one view takes them all in.</summary>
    /// <param name="workers">The workers; those that are in already change nothing.</param>
    /// <param name="step">The step that is present.</param>
    public ClusterView? Admit(IEnumerable<long> workers, long step)
    {
        bool nobody = _measured.Count == 0;
        int joined = workers.Count(worker => _measured.TryAdd(worker, null));
        return joined > 0 ? Publish(nobody ? 0 : step + StepsAhead, ShardPlan.Balance(shards, Speeds()), step) : null;
    }

    /// <summary>
    /// A worker is gone. Its nodes are given away at once; the others keep theirs. Null where nobody is left, or where it
    /// had no share in anything.
    /// </summary>
    /// <param name="worker">The worker.</param>
    /// <param name="step">The step that is present.</param>
    public ClusterView? Remove(long worker, long step)
    {
        if (!_measured.Remove(worker))
            return null;
        if (_measured.Count == 0)
        {
            _views.Clear();
            return null;
        }
        IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> shares = At(step)?.Shares ?? new Dictionary<long, IReadOnlyList<TreeNode>>();
        return Publish(Safety.Holds(SafetyRule.GiveAwayAtOnce) ? 0 : step + StepsAhead, ShardPlan.Reassign(shares, _measured.Keys.ToHashSet()), step);
    }

    /// <summary>A worker's speed was measured, in leaves a second.</summary>
    public void Measure(long worker, double leavesPerSecond)
    {
        if (_measured.ContainsKey(worker) && double.IsFinite(leavesPerSecond) && leavesPerSecond > 0)
            _measured[worker] = leavesPerSecond;
    }

    /// <summary>Offers a better balance where there is one that is worth it.</summary>
    /// <param name="step">The step that is present.</param>
    public ClusterView? Rebalance(long step)
    {
        if (_measured.Count == 0 || Newest is not { } newest || newest.FromStep > step)
            return null;
        Dictionary<long, double> speeds = Speeds();
        IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> better = ShardPlan.Balance(shards, speeds);
        bool isWorthwhile = SlowestShare(better, speeds) < SlowestShare(newest.Shares, speeds) * (1 - WorthwhileGain);
        return isWorthwhile || LeavesSomebodyIdle(newest) ? Publish(step + StepsAhead, better, step) : null;
    }

    // Measured workers and new ones are weighed against each other, so a new one is taken to be as fast as the measured are on average.
    private Dictionary<long, double> Speeds()
    {
        double usual = _measured.Values.Average() ?? 1;
        return _measured.ToDictionary(worker => worker.Key, worker => worker.Value ?? usual);
    }

    // A worker that joined when somebody died may have been passed over, and without leaves it is never measured.
    private bool LeavesSomebodyIdle(ClusterView view) =>
        _measured.Keys.Count(worker => view.LeavesOf(worker) > 0) < Math.Min(shards, _measured.Count);

    private static double SlowestShare(IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> shares, Dictionary<long, double> speeds) =>
        shares.Max(share => share.Value.Sum(node => node.Count) / speeds[share.Key]);

    private ClusterView Publish(long fromStep, IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> shares, long step)
    {
        // Numbers go on rising when all workers have gone, so that nobody takes an old view for a new one.
        _number = (Safety.Holds(SafetyRule.RaiseViewNumbers) ? _number : Newest?.Number ?? 0) + 1;
        var view = new ClusterView(_number, fromStep, shares);
        _views.Add(view, step);
        return view;
    }
}
