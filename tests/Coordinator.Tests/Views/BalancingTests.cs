using CsCheck;
using Lockstep.Coordinator.Views;
using Lockstep.Engine.Trees;

namespace Lockstep.Coordinator.Tests.Views;

/// <summary>Workers whose step takes a part that does not grow with its leaves, as all real ones do: how shares follow what is measured of them.</summary>
public sealed class BalancingTests
{
    private const int Rounds = 12;

    [Theory]
    [InlineData(11, 0.0)]
    [InlineData(11, 5.0)]
    [InlineData(9, 2.0)]
    [InlineData(9, 8.0)]
    [InlineData(14, 1.0)]
    public void Two_workers_that_are_alike_come_back_to_even_shares(int leavesOfFirst, double fixedLeaves)
    {
        IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> uneven = Shares(leavesOfFirst, 16 - leavesOfFirst);

        IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> settled = Settle(16, uneven, _ => 1, fixedLeaves).Last();

        Assert.Equal([8, 8], Leaves(settled));
    }

    [Fact]
    public void Two_workers_that_are_alike_come_back_to_even_shares_whatever_was_measured_first() =>
        Gen.Select(Gen.Int[1, 8], Gen.Double[0, 0.3], Gen.Double[0.25, 4], Gen.Double[0.25, 4]).Sample((eighths, fixedPart, one, other) =>
        {
            int shards = 8 * eighths;
            var first = new Dictionary<long, double> { [0] = one, [1] = other };

            IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> settled = Settle(shards, Balancing.Best(shards, first), _ => 1, fixedPart * shards).Last();

            Assert.Equal([shards / 2, shards / 2], Leaves(settled));
        });

    [Fact]
    public void Shares_of_workers_that_differ_come_to_rest() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 8], Gen.Double[0, 8], Gen.Double[0.25, 4].Array[5]).Sample((more, eighths, fixedLeaves, truly) =>
        {
            (int workers, int shards) = (more + 1, 8 * eighths);
            Dictionary<long, double> alike = Enumerable.Range(0, workers).ToDictionary(worker => (long)worker, _ => 1.0);

            IReadOnlyList<IReadOnlyDictionary<long, IReadOnlyList<TreeNode>>> views = Settle(shards, Balancing.Best(shards, alike), worker => truly[worker], fixedLeaves);

            Assert.InRange(views.Count, 1, Rounds / 2);
        });

    [Fact]
    public void A_worker_of_twice_the_speed_has_about_twice_the_leaves()
    {
        IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> settled = Settle(24, Shares(12, 12), worker => worker == 0 ? 2 : 1, fixedLeaves: 0).Last();

        Assert.Equal([16, 8], Leaves(settled));
    }

    [Theory]
    [InlineData(1.05)]
    [InlineData(1.2)]
    public void Even_shares_hold_where_uneven_ones_save_little(double relative)
    {
        IReadOnlyList<IReadOnlyDictionary<long, IReadOnlyList<TreeNode>>> views = Settle(16, Shares(8, 8), worker => worker == 0 ? relative : 1, fixedLeaves: 0);

        Assert.Single(views);
    }

    [Fact]
    public void Shares_in_pieces_are_given_up_for_those_in_one()
    {
        // As they are when a third worker has gone and its leaves were given to the two that stay.
        var pieces = new Dictionary<long, IReadOnlyList<TreeNode>>
        {
            [0] = [new TreeNode(0, 4), new TreeNode(4, 1), new TreeNode(10, 1), new TreeNode(11, 1), new TreeNode(12, 1)],
            [1] = [new TreeNode(5, 1), new TreeNode(6, 2), new TreeNode(8, 2), new TreeNode(13, 1), new TreeNode(14, 2)],
        };

        IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> settled = Settle(16, pieces, _ => 1, fixedLeaves: 0).Last();

        Assert.All(settled.Values, nodes => Assert.Single(nodes));
    }

    private static Dictionary<long, IReadOnlyList<TreeNode>> Shares(params int[] leaves)
    {
        var shares = new Dictionary<long, IReadOnlyList<TreeNode>>();
        int first = 0;
        for (int worker = 0; worker < leaves.Length; worker++)
        {
            shares[worker] = SumTree.Decompose(first, first + leaves[worker]);
            first += leaves[worker];
        }
        return shares;
    }

    private static IEnumerable<int> Leaves(IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> shares) =>
        shares.OrderBy(share => share.Key).Select(share => share.Value.Sum(node => node.Count));

    /// <summary>All shares that hold one after the other, each found from what is measured with those before.</summary>
    private static List<IReadOnlyDictionary<long, IReadOnlyList<TreeNode>>> Settle(
        int shards, IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> first, Func<long, double> speed, double fixedLeaves)
    {
        List<IReadOnlyDictionary<long, IReadOnlyList<TreeNode>>> views = [first];
        for (int round = 0; round < Rounds; round++)
        {
            Dictionary<long, double> measured = views[^1].Where(share => share.Value.Count > 0).ToDictionary(share => share.Key, share =>
            {
                int leaves = share.Value.Sum(node => node.Count);
                return leaves * speed(share.Key) / (fixedLeaves + leaves);
            });
            IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> better = Balancing.Best(shards, measured);
            if (Balancing.IsWorthwhile(shards, better, views[^1], measured))
                views.Add(better);
        }
        return views;
    }
}
