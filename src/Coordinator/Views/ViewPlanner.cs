using Lockstep.Coordinator.Stragglers;
using Lockstep.Engine.Trees;
using Lockstep.Protocol;

namespace Lockstep.Coordinator.Views;

/// <summary>
/// Turns what happens to workers into views. Pure: it is told of events and of the step that is present, and answers
/// with the view to publish, or null where nothing changes. In every view each leaf has a worker that has not been late; those
/// that were have copies beside.
/// </summary>
/// <param name="shards">Leaves of the tree.</param>
public sealed class ViewPlanner(int shards)
{
    /// <summary>A change that is not urgent takes effect so many steps ahead, so that no node is computed twice for it.</summary>
    public const int StepsAhead = 2;

    // Null for a worker that has not been measured.
    private readonly SortedDictionary<long, double?> _measured = [];
    private readonly Trials _trials = new();
    private readonly ViewHistory _views = new();
    private int _number;

    /// <summary>Workers that have, or are about to have, a share or a trial.</summary>
    public IReadOnlyCollection<long> Workers => _measured.Keys;

    /// <summary>The newest view; null while there is none.</summary>
    public ClusterView? Newest => _views.Newest;

    private IEnumerable<long> InTime => _measured.Keys.Where(worker => !_trials.Contains(worker));

    private bool IsMeasured => InTime.Any(worker => _measured[worker] is not null);

    /// <summary>The view that holds for a step: of those that have begun, the one with the highest number.</summary>
    public ClusterView? At(long step) => _views.At(step);

    /// <summary>Whether a worker was late, and has copies alone until it has delivered some in time.</summary>
    public bool IsOnTrial(long worker) => _trials.Contains(worker);

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
        return joined > 0 ? Publish(nobody ? 0 : step + StepsAhead, Balanced(), step) : null;
    }

    /// <summary>
    /// A worker is gone. What nobody else has is given away at once; the others keep theirs. Null where nobody is left, or where it
    /// had no share in anything.
    /// </summary>
    /// <param name="worker">The worker.</param>
    /// <param name="step">The step that is present.</param>
    public ClusterView? Remove(long worker, long step)
    {
        if (!_measured.Remove(worker))
            return null;
        _trials.Forget(worker);
        if (_measured.Count == 0)
        {
            _views.Clear();
            return null;
        }
        // Those that were late are better than nobody.
        if (!InTime.Any())
            _trials.Clear();
        IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> shares = At(step)?.Shares ?? new Dictionary<long, IReadOnlyList<TreeNode>>();
        return Publish(Safety.Holds(SafetyRule.GiveAwayAtOnce) ? 0 : step + StepsAhead, WithTrials(ShardPlan.Reassign(shares, InTime.ToHashSet())), step);
    }

    /// <summary>A worker's speed was measured, in leaves a second.</summary>
    public void Measure(long worker, double leavesPerSecond)
    {
        if (_measured.ContainsKey(worker) && double.IsFinite(leavesPerSecond) && leavesPerSecond > 0)
            _measured[worker] = leavesPerSecond;
    }

    /// <summary>A worker has computed all that it was given of a step before the step was decided.</summary>
    public void Delivered(long worker, long step) => _trials.Delivered(worker, step);

    /// <summary>
    /// What the slowest share of a step should take to be computed, in seconds by measured speed; null while nobody was measured. Nobody waits for those who are on trial.
    /// </summary>
    public double? PlannedSeconds(long step) => IsMeasured && At(step) is { } view ? Balancing.SlowestShare(view.Shares, Speeds()) : null;

    /// <summary>The shortest time in which all leaves can be computed, in seconds by measured speeds; null while nobody was measured.</summary>
    public double? ShortestSeconds()
    {
        if (!IsMeasured)
            return null;
        Dictionary<long, double> speeds = Speeds();
        return ShardPlan.Soonest(shards, speeds).Max(share => share.Value / speeds[share.Key]);
    }

    /// <summary>Who holds a step up that is overdue.</summary>
    /// <param name="missing">Leaves that are missing.</param>
    /// <param name="step">The present step.</param>
    /// <param name="newcomersToo">Whether those that were never measured have had time enough.</param>
    /// <returns>None where nobody has delivered all of his: then it is the work or the machine, and not a worker.</returns>
    public IReadOnlyList<long> Late(IReadOnlySet<int> missing, long step, bool newcomersToo)
    {
        if (At(step) is not { } view)
            return [];
        (IReadOnlyList<long> late, IReadOnlyList<long> done) = Divide(view, missing);
        return done.Count == 0 ? [] : [.. late.Where(worker => newcomersToo || _measured[worker] is not null)];
    }

    /// <summary>
    /// Workers are late. They keep their nodes in the present step, and what is missing of them is computed by others too; from the next step on they are on trial.
    /// </summary>
    /// <param name="late">The workers, of those that <see cref="Late"/> names.</param>
    /// <param name="missing">Leaves that are missing.</param>
    /// <param name="step">The present step.</param>
    /// <returns>The view for the present step and the one for those after it, in this order, and how many leaves are computed again.</returns>
    public (ClusterView Present, ClusterView Next, int Leaves) BackUp(IReadOnlyList<long> late, IReadOnlySet<int> missing, long step)
    {
        ClusterView view = At(step)!;
        IReadOnlyList<long> done = Divide(view, missing).Done;
        // A helper that was on trial itself is needed now.
        foreach (long worker in done)
            _trials.End(worker);
        int[] leaves = [.. late.SelectMany(view.NodesOf).SelectMany(ShardPlan.Leaves).Where(missing.Contains).Distinct()];
        Dictionary<long, double> speeds = Speeds();
        IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> again = BackupPlan.Spread(view.Shares, leaves, done.ToDictionary(worker => worker, worker => speeds[worker]));
        foreach (long worker in late)
            _trials.Begin(worker, step);
        return (Publish(step, again, step), Publish(step + 1, Balanced(), step), leaves.Length);
    }

    /// <summary>Offers a better balance where there is one that is worth it, or where workers come back from their trial.</summary>
    /// <param name="step">The step that is present.</param>
    public ClusterView? Rebalance(long step)
    {
        if (_measured.Count == 0 || Newest is not { } newest || newest.FromStep > step)
            return null;
        if (_trials.EndRound().Count > 0)
            return Publish(step + StepsAhead, Balanced(), step);
        Dictionary<long, double> speeds = Speeds();
        IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> better = Balancing.Best(shards, speeds);
        return Balancing.IsWorthwhile(shards, better, newest.Shares, speeds) || LeavesSomebodyIdle(newest) ? Publish(step + StepsAhead, WithTrials(better), step) : null;
    }

    // Where nobody else is done, those on trial that have been in time since can help.
    private (IReadOnlyList<long> Late, IReadOnlyList<long> Done) Divide(ClusterView view, IReadOnlySet<int> missing)
    {
        (IReadOnlyList<long> late, IReadOnlyList<long> done) = BackupPlan.Divide(view, InTime, missing);
        return (late, done.Count > 0 ? done : BackupPlan.Divide(view, _trials.Workers.Where(_trials.HasDelivered), missing).Done);
    }

    // Measured workers and new ones are weighed against each other, so a new one is taken to be as fast as the measured are on average.
    private Dictionary<long, double> Speeds()
    {
        double usual = InTime.Select(worker => _measured[worker]).Average() ?? 1;
        return InTime.ToDictionary(worker => worker, worker => _measured[worker] ?? usual);
    }

    private IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> Balanced() => WithTrials(Balancing.Best(shards, Speeds()));

    // Copies of different leaves, from the last one down, while there are enough.
    private IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> WithTrials(IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> shares) => new Dictionary<long, IReadOnlyList<TreeNode>>(
        shares.Concat(_trials.Workers.Select((worker, i) => KeyValuePair.Create<long, IReadOnlyList<TreeNode>>(worker, [new TreeNode(shards - 1 - (i % shards), 1)]))));

    // A worker that joined when somebody died may have been passed over, and without leaves it is never measured.
    private bool LeavesSomebodyIdle(ClusterView view) => InTime.Count(worker => view.LeavesOf(worker) > 0) < Math.Min(shards, InTime.Count());

    private ClusterView Publish(long fromStep, IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> shares, long step)
    {
        // Numbers go on rising when all workers have gone, so that nobody takes an old view for a new one.
        _number = (Safety.Holds(SafetyRule.RaiseViewNumbers) ? _number : Newest?.Number ?? 0) + 1;
        var view = new ClusterView(_number, fromStep, shares);
        _views.Add(view, step);
        return view;
    }
}
