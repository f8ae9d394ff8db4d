using Lockstep.Engine.Trees;

namespace Lockstep.Coordinator.Views;

/// <summary>
/// Which shares are better for workers of measured speeds, and whether they are worth a view.
/// </summary>
/// <remarks>
/// Even shares are of fewer nodes as a rule, each with gradients of its own to carry and to sum, so they hold unless uneven ones save much. And the way back is
/// easier than the way there: a part of a step does not grow with its leaves, so a worker looks the faster the more leaves it has. By measured speeds alone,
/// shares that became uneven while one worker still compiled its code, or another program ran beside it, would stay so.
/// </remarks>
internal static class Balancing
{
    /// <summary>Uneven shares must promise to save this part of a step's time against even ones, and any shares against those that hold.</summary>
    public const double WorthwhileGain = 0.15;

    /// <summary>The shares by speed where they save much, and even ones otherwise.</summary>
    /// <param name="shards">Leaves of the tree.</param>
    /// <param name="speeds">Leaves a second of every worker, by incarnation; positive and finite.</param>
    /// <exception cref="ArgumentException">There is no worker, or a speed is not a positive number.</exception>
    public static IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> Best(int shards, IReadOnlyDictionary<long, double> speeds)
    {
        IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> bySpeed = ShardPlan.Balance(shards, speeds);
        IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> even = Even(shards, speeds);
        return SlowestShare(bySpeed, speeds) < SlowestShare(even, speeds) * (1 - WorthwhileGain) ? bySpeed : even;
    }

    /// <summary>Whether shares are enough better than those that hold.</summary>
    /// <param name="shards">Leaves of the tree.</param>
    /// <param name="better">The shares that are offered.</param>
    /// <param name="present">The shares that hold; those of workers without a speed do not count.</param>
    /// <param name="speeds">Leaves a second of every worker, by incarnation.</param>
    public static bool IsWorthwhile(
        int shards, IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> better, IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> present, IReadOnlyDictionary<long, double> speeds)
    {
        double seconds = SlowestShare(present, speeds);
        if (SlowestShare(better, speeds) < seconds * (1 - WorthwhileGain))
            return true;
        return (Unevenness(better), Nodes(better)).CompareTo((Unevenness(present), Nodes(present))) < 0 && MostFavourable() <= seconds;

        // What the slowest takes with the better shares if, of everybody's time, as much as an even share's leaves take does not grow with leaves.
        double MostFavourable()
        {
            double fixedLeaves = (double)shards / Math.Min(shards, speeds.Count);
            return better.Where(share => LeavesOf(present, share.Key) > 0).Select(share =>
            {
                int leaves = LeavesOf(present, share.Key);
                return leaves / speeds[share.Key] * ((fixedLeaves + LeavesOf(better, share.Key)) / (fixedLeaves + leaves));
            }).DefaultIfEmpty(double.PositiveInfinity).Max();
        }

        int Nodes(IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> shares) => shares.Where(share => speeds.ContainsKey(share.Key)).Sum(share => share.Value.Count);

        long Unevenness(IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> shares) => speeds.Keys.Sum(worker => (long)LeavesOf(shares, worker) * LeavesOf(shares, worker));
    }

    /// <summary>Seconds that the slowest of some workers takes for its share; 0 where none of them has one.</summary>
    /// <param name="shares">The nodes of every worker.</param>
    /// <param name="speeds">Leaves a second of the workers that count.</param>
    public static double SlowestShare(IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> shares, IReadOnlyDictionary<long, double> speeds) =>
        shares.Where(share => speeds.ContainsKey(share.Key)).Select(share => share.Value.Sum(node => node.Count) / speeds[share.Key]).DefaultIfEmpty().Max();

    private static int LeavesOf(IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> shares, long worker) => shares.GetValueOrDefault(worker)?.Sum(node => node.Count) ?? 0;

    private static IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> Even(int shards, IReadOnlyDictionary<long, double> speeds) =>
        ShardPlan.Balance(shards, speeds.ToDictionary(worker => worker.Key, _ => 1.0));
}
