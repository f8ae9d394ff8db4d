using Lockstep.Coordinator.Views;
using Lockstep.Engine.Trees;

namespace Lockstep.Coordinator.Stragglers;

/// <summary>Who holds a step up, and who computes what is missing too. A plan decides who works, never a bit of the result: whichever copy comes first, the bits are the same.</summary>
public static class BackupPlan
{
    /// <summary>Divides those that a step waits for from those that have delivered all that they were given of it.</summary>
    /// <param name="view">The view that holds for the step.</param>
    /// <param name="workers">Those that are asked for; others in the view are on trial.</param>
    /// <param name="missing">Leaves that are missing in some sum of the step.</param>
    /// <returns>Both in order. A worker without a leaf is in neither: it has proven nothing.</returns>
    public static (IReadOnlyList<long> Late, IReadOnlyList<long> Done) Divide(ClusterView view, IEnumerable<long> workers, IReadOnlySet<int> missing)
    {
        var late = new List<long>();
        var done = new List<long>();
        foreach (long worker in workers.Order())
        {
            if (view.LeavesOf(worker) > 0)
                (view.NodesOf(worker).Any(node => ShardPlan.Leaves(node).Any(missing.Contains)) ? late : done).Add(worker);
        }
        return (late, done);
    }

    /// <summary>Gives leaves to workers that are done with their own, so that all are computed as soon as may be. Everybody keeps what he has.</summary>
    /// <param name="shares">The nodes of every worker.</param>
    /// <param name="leaves">The leaves to be computed again.</param>
    /// <param name="helpers">Those that are done, with their speeds.</param>
    /// <returns>The nodes of every worker in <paramref name="shares"/>.</returns>
    public static IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> Spread(
        IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> shares, IReadOnlyCollection<int> leaves, IReadOnlyDictionary<long, double> helpers)
    {
        IReadOnlyDictionary<long, int> counts = ShardPlan.Soonest(leaves.Count, helpers);
        var plan = new Dictionary<long, IReadOnlyList<TreeNode>>(shares);
        int next = 0;
        foreach (long helper in helpers.Keys.Order())
        {
            IEnumerable<int> given = leaves.Order().Skip(next).Take(counts[helper]);
            next += counts[helper];
            plan[helper] = [.. shares.GetValueOrDefault(helper) ?? [], .. ShardPlan.Runs(given)];
        }
        return plan;
    }
}
