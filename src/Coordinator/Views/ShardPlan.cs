using Lockstep.Engine.Trees;

namespace Lockstep.Coordinator.Views;

/// <summary>
/// Cuts the leaves of the sum tree among workers. A plan decides who works and for how long, never a bit of the result.
/// </summary>
public static class ShardPlan
{
    /// <summary>
    /// Gives every worker one run of leaves, as long as its speed is high. With more workers than leaves, the slowest
    /// are given none.
    /// </summary>
    /// <param name="shards">Leaves of the tree.</param>
    /// <param name="speeds">Relative speed of every worker, by incarnation; only ratios count.</param>
    /// <returns>The nodes of every worker in <paramref name="speeds"/>.</returns>
    /// <exception cref="ArgumentException">There is no worker, or a speed is not a positive number.</exception>
    public static IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> Balance(int shards, IReadOnlyDictionary<long, double> speeds)
    {
        if (speeds.Count == 0)
            throw new ArgumentException("A plan needs a worker.", nameof(speeds));
        if (speeds.Any(worker => !(worker.Value > 0) || double.IsInfinity(worker.Value)))
            throw new ArgumentException("Speeds are positive numbers.", nameof(speeds));

        IReadOnlyDictionary<long, int> counts = Apportion(shards, speeds);
        var plan = new Dictionary<long, IReadOnlyList<TreeNode>>();
        int first = 0;
        foreach (long worker in speeds.Keys.Order())
        {
            plan[worker] = SumTree.Decompose(first, first + counts[worker]);
            first += counts[worker];
        }
        return plan;
    }

    /// <summary>
    /// Gives the leaves that nobody has who stays to those that stay. These keep what they have, so that nothing which
    /// they have begun is lost.
    /// </summary>
    /// <param name="shares">The nodes of every worker, those that are gone included; a leaf may have several workers.</param>
    /// <param name="staying">Who stays; workers without a share may be among them.</param>
    /// <exception cref="ArgumentException">Nobody stays.</exception>
    public static IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> Reassign(
        IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> shares, IReadOnlySet<long> staying)
    {
        if (staying.Count == 0)
            throw new ArgumentException("Leaves cannot be given to nobody.", nameof(staying));

        HashSet<int> kept = [.. shares.Where(share => staying.Contains(share.Key)).SelectMany(share => share.Value).SelectMany(Leaves)];
        List<int> orphans = [.. shares.SelectMany(share => share.Value).SelectMany(Leaves).Distinct().Where(leaf => !kept.Contains(leaf)).Order()];
        Dictionary<long, List<int>> taken = staying.Order().ToDictionary(worker => worker, _ => new List<int>());
        Dictionary<long, int> load = staying.ToDictionary(worker => worker, worker => shares.GetValueOrDefault(worker)?.Sum(node => node.Count) ?? 0);
        foreach (long worker in FillLowest(load, orphans.Count))
            taken[worker].Add(0);

        int next = 0;
        var plan = new Dictionary<long, IReadOnlyList<TreeNode>>();
        foreach ((long worker, List<int> extra) in taken)
        {
            IEnumerable<int> given = orphans.Skip(next).Take(extra.Count);
            next += extra.Count;
            plan[worker] = [.. shares.GetValueOrDefault(worker) ?? [], .. Runs(given)];
        }
        return plan;
    }

    /// <summary>How many of some leaves each worker computes so that the last one is done as soon as may be; who is too slow for one has none.</summary>
    /// <param name="leaves">How many leaves.</param>
    /// <param name="speeds">Speed of every worker, positive and finite.</param>
    public static IReadOnlyDictionary<long, int> Soonest(int leaves, IReadOnlyDictionary<long, double> speeds)
    {
        Dictionary<long, int> counts = speeds.Keys.ToDictionary(worker => worker, _ => 0);
        var next = new PriorityQueue<long, (double Seconds, long Worker)>();
        foreach ((long worker, double speed) in speeds)
            next.Enqueue(worker, (1 / speed, worker));
        for (int i = 0; i < leaves; i++)
        {
            long worker = next.Peek();
            counts[worker]++;
            next.DequeueEnqueue(worker, ((counts[worker] + 1) / speeds[worker], worker));
        }
        return counts;
    }

    // Largest remainders (Hamilton's method), with at least one leaf for everybody while there are enough.
    private static Dictionary<long, int> Apportion(int shards, IReadOnlyDictionary<long, double> speeds)
    {
        long[] fastest = [.. speeds.OrderByDescending(worker => worker.Value).ThenBy(worker => worker.Key).Take(shards).Select(worker => worker.Key)];
        // Against the fastest, so that no sum or product of speeds is out of range.
        Dictionary<long, double> relative = fastest.ToDictionary(worker => worker, worker => speeds[worker] / speeds[fastest[0]]);
        double total = relative.Values.Sum();
        Dictionary<long, double> quota = fastest.ToDictionary(worker => worker, worker => shards * relative[worker] / total);
        Dictionary<long, int> counts = speeds.Keys.ToDictionary(worker => worker, worker => quota.TryGetValue(worker, out double share) ? Math.Max(1, (int)share) : 0);
        for (int over = counts.Values.Sum() - shards; over > 0; over--)
            counts[fastest.Where(worker => counts[worker] > 1).MaxBy(worker => counts[worker] - quota[worker])]--;
        for (int left = shards - counts.Values.Sum(); left > 0; left--)
            counts[fastest.MaxBy(worker => quota[worker] - counts[worker])]++;
        return counts;
    }

    private static IEnumerable<long> FillLowest(Dictionary<long, int> load, int count)
    {
        for (int i = 0; i < count; i++)
        {
            long lowest = load.OrderBy(worker => worker.Value).ThenBy(worker => worker.Key).First().Key;
            load[lowest]++;
            yield return lowest;
        }
    }

    /// <summary>The leaves of a node.</summary>
    internal static IEnumerable<int> Leaves(TreeNode node) => Enumerable.Range(node.Start, node.Count);

    /// <summary>The fewest nodes that have leaves, which come in order.</summary>
    internal static IEnumerable<TreeNode> Runs(IEnumerable<int> leaves)
    {
        int start = -1, end = -1;
        foreach (int leaf in leaves)
        {
            if (leaf == end)
            {
                end++;
                continue;
            }
            foreach (TreeNode node in SumTree.Decompose(Math.Max(start, 0), Math.Max(end, 0)))
                yield return node;
            (start, end) = (leaf, leaf + 1);
        }
        foreach (TreeNode node in SumTree.Decompose(Math.Max(start, 0), Math.Max(end, 0)))
            yield return node;
    }
}
