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

    [Theory]
    [InlineData(4)]
    [InlineData(10)]
    [InlineData(16)]
    [InlineData(64)]
    public void Two_workers_that_are_alike_come_back_to_even_shares_from_any_others(int shards)
    {
        for (int leavesOfFirst = 1; leavesOfFirst < shards; leavesOfFirst++)
        {
            // A fixed part of up to nine tenths of what an even share's leaves take.
            for (int tenths = 0; tenths <= 9; tenths++)
            {
                IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> uneven = Shares(leavesOfFirst, shards - leavesOfFirst);

                IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> settled = Settle(shards, uneven, _ => 1, tenths / 20.0 * shards).Last();

                Assert.Equal([shards / 2, shards / 2], Leaves(settled));
            }
        }
    }

    [Theory]
    [InlineData(1, 5, 5, 5)]
    [InlineData(5, 1, 5, 5)]
    [InlineData(5, 5, 5, 1)]
    public void Of_several_workers_that_are_alike_one_that_had_little_comes_to_an_even_share(params int[] leaves)
    {
        IReadOnlyDictionary<long, IReadOnlyList<TreeNode>> settled = Settle(16, Shares(leaves), _ => 1, fixedLeaves: 0.8).Last();

        Assert.Equal([4, 4, 4, 4], Leaves(settled));
    }

    [Fact]
    public void Shares_that_were_given_up_do_not_come_back_while_workers_stay_as_they_are() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 8], Gen.Double[0, 1], Gen.Double[0.25, 4].Array[5]).Sample((more, eighths, fixedPart, truly) =>
        {
            (int workers, int shards) = (more + 1, 8 * eighths);
            Dictionary<long, double> alike = Enumerable.Range(0, workers).ToDictionary(worker => (long)worker, _ => 1.0);

            List<IReadOnlyDictionary<long, IReadOnlyList<TreeNode>>> views = Settle(shards, Balancing.Best(shards, alike), worker => truly[worker], fixedPart * shards / workers);

            Assert.Distinct(views.Select(view => string.Join(' ', Leaves(view))));
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
