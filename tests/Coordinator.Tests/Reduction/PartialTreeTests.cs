using CsCheck;
using Lockstep.Coordinator.Reduction;
using Lockstep.Engine.Trees;

namespace Lockstep.Coordinator.Tests.Reduction;

public sealed class PartialTreeTests
{
    private static readonly Gen<(int Shards, float[] Leaves, TreeNode[] Nodes, int Seed)> Filling =
        from shards in TreeGenerators.Shards
        from leaves in TreeGenerators.Leaf.Array[shards]
        from nodes in TreeGenerators.Node(shards).Array[0, 40]
        from seed in Gen.Int[0, 1000]
        select (shards, leaves, nodes, seed);

    [Fact]
    public void Nodes_of_any_size_in_any_order_with_copies_and_overlaps_give_the_plain_sum_bit_for_bit() => Filling.Sample(filling =>
    {
        var tree = new PartialTree<CountedSum>(filling.Shards, new CountingArithmetic());
        foreach (TreeNode node in filling.Nodes)
            tree.Offer(node, Computed(filling.Leaves, node));
        Complete(tree, filling.Leaves, filling.Seed);

        float expected = PlainSum.Of(filling.Leaves, SumTree.Root(filling.Shards));
        Assert.Equal(PlainSum.Bits(expected), PlainSum.Bits(tree.Total.Value));
    }, iter: 5_000);

    [Fact]
    public void Every_accepted_sum_is_given_back_once_and_every_refused_one_stays_the_callers() => Filling.Sample(filling =>
    {
        var tree = new PartialTree<CountedSum>(filling.Shards, new CountingArithmetic());
        var accepted = new List<CountedSum>();
        var refused = new List<CountedSum>();
        foreach (TreeNode node in filling.Nodes)
        {
            CountedSum sum = Computed(filling.Leaves, node);
            (tree.Offer(node, sum) == OfferResult.Accepted ? accepted : refused).Add(sum);
        }

        tree.Clear();

        Assert.All(accepted, sum => Assert.Equal(1, sum.Releases));
        Assert.All(refused, sum => Assert.Equal(0, sum.Releases));
        Assert.Equal(0, tree.CoveredLeaves);
        tree.Clear();
        Assert.All(accepted, sum => Assert.Equal(1, sum.Releases));
    }, iter: 5_000);

    [Fact]
    public void The_tree_says_what_a_list_of_leaves_says() => Filling.Sample(filling =>
    {
        var tree = new PartialTree<CountedSum>(filling.Shards, new CountingArithmetic());
        var present = new bool[filling.Shards];
        foreach (TreeNode node in filling.Nodes)
        {
            bool covered = Leaves(node).All(leaf => present[leaf]);
            Assert.Equal(covered, tree.Covers(node));
            Assert.Equal(covered ? OfferResult.Duplicate : OfferResult.Accepted, tree.Offer(node, Computed(filling.Leaves, node)));
            foreach (int leaf in Leaves(node))
                present[leaf] = true;

            Assert.Equal(present.Count(one => one), tree.CoveredLeaves);
            Assert.Equal(present.All(one => one), tree.IsComplete);
            IReadOnlyList<TreeNode> missing = tree.Missing();
            Assert.Equal(Enumerable.Range(0, filling.Shards).Where(leaf => !present[leaf]), missing.SelectMany(Leaves));
            Assert.All(missing, gap => Assert.True(gap.IsAligned && tree.Fits(gap)));
            // Disjoint nodes are the fewest that cover their leaves exactly when no two of them are a pair.
            Assert.DoesNotContain(missing, gap => missing.Contains(gap.Sibling));
        }
    }, iter: 3_000);

    [Fact]
    public void Only_aligned_runs_of_the_trees_own_leaves_fit() =>
        Gen.Select(TreeGenerators.Shards, TreeGenerators.WireNumber, TreeGenerators.WireNumber).Sample((shards, start, count) =>
        {
            bool isNode = start >= 0 && count > 0 && (long)start + count <= shards && int.IsPow2(count) && start % count == 0;
            var tree = new PartialTree<CountedSum>(shards, new CountingArithmetic());
            Assert.Equal(isNode, tree.Fits(new TreeNode(start, count)));
            if (!isNode)
                Assert.Throws<ArgumentException>(() => tree.Offer(new TreeNode(start, count), new CountedSum(default, 0)));
            Assert.Equal(isNode ? 0 : tree.CoveredLeaves, tree.CoveredLeaves);
        }, iter: 20_000);

    [Theory]
    [InlineData(int.MaxValue, 1)]
    [InlineData(1 << 30, 1 << 30)]
    public void A_node_whose_end_is_beyond_the_largest_integer_does_not_fit(int start, int count) =>
        Assert.False(new PartialTree<CountedSum>(4096, new CountingArithmetic()).Fits(new TreeNode(start, count)));

    [Fact]
    public void A_node_takes_the_place_of_the_smaller_ones_inside_it()
    {
        float[] leaves = [1, 2, 3, 4];
        var tree = new PartialTree<CountedSum>(4, new CountingArithmetic());
        CountedSum first = Computed(leaves, new TreeNode(0, 1)), third = Computed(leaves, new TreeNode(2, 1)), all = Computed(leaves, new TreeNode(0, 4));
        tree.Offer(new TreeNode(0, 1), first);
        tree.Offer(new TreeNode(2, 1), third);

        Assert.Equal(OfferResult.Accepted, tree.Offer(new TreeNode(0, 4), all));

        Assert.Equal((1, 1, 0), (first.Releases, third.Releases, all.Releases));
        Assert.Same(all, tree.Total);
        Assert.Equal(OfferResult.Duplicate, tree.Offer(new TreeNode(2, 1), Computed(leaves, new TreeNode(2, 1))));
    }

    [Fact]
    public void A_total_that_was_taken_is_not_given_back_and_the_tree_stays_full()
    {
        float[] leaves = [1, 2];
        var tree = new PartialTree<CountedSum>(2, new CountingArithmetic());
        CountedSum all = Computed(leaves, new TreeNode(0, 2)), next = Computed(leaves, new TreeNode(0, 2));
        tree.Offer(new TreeNode(0, 2), all);
        Assert.Same(all, tree.TakeTotal());
        Assert.Throws<InvalidOperationException>(tree.TakeTotal);
        Assert.True(tree.IsComplete);
        Assert.Equal(OfferResult.Duplicate, tree.Offer(new TreeNode(0, 1), Computed(leaves, new TreeNode(0, 1))));

        tree.Clear();
        tree.Offer(new TreeNode(0, 2), next);
        tree.Clear();

        Assert.Equal((0, 1), (all.Releases, next.Releases));
    }

    [Fact]
    public void The_total_of_a_tree_with_gaps_is_refused_and_the_gaps_are_named()
    {
        var tree = new PartialTree<CountedSum>(8, new CountingArithmetic());
        tree.Offer(new TreeNode(4, 2), new CountedSum(new TreeNode(4, 2), 0));

        string said = Assert.Throws<InvalidOperationException>(() => tree.Total).Message;

        Assert.Contains("leaves 0..3, leaves 6..7", said, StringComparison.Ordinal);
    }

    [Fact]
    public void The_largest_tree_is_filled_leaf_by_leaf_from_both_ends()
    {
        float[] leaves = [.. Enumerable.Range(0, SumTree.MaximumShards).Select(leaf => 1f / (leaf + 1))];
        var tree = new PartialTree<CountedSum>(leaves.Length, new CountingArithmetic());
        for (int leaf = 0; leaf < leaves.Length; leaf++)
        {
            int next = leaf % 2 == 0 ? leaf / 2 : leaves.Length - 1 - (leaf / 2);
            Assert.False(tree.IsComplete);
            tree.Offer(new TreeNode(next, 1), new CountedSum(new TreeNode(next, 1), leaves[next]));
        }

        Assert.Equal(PlainSum.Bits(PlainSum.Of(leaves, SumTree.Root(leaves.Length))), PlainSum.Bits(tree.Total.Value));
    }

    private static CountedSum Computed(float[] leaves, TreeNode node) => new(node, PlainSum.Of(leaves, node));

    private static IEnumerable<int> Leaves(TreeNode node) => Enumerable.Range(node.Start, node.Count);

    // Fills the gaps in an order, and with cuts, that the seed decides.
    private static void Complete(PartialTree<CountedSum> tree, float[] leaves, int seed)
    {
        while (!tree.IsComplete)
        {
            IReadOnlyList<TreeNode> missing = tree.Missing();
            TreeNode node = missing[seed % missing.Count];
            for (int cut = seed; node.Count > 1 && cut % 3 == 0; cut /= 3)
                node = cut % 2 == 0 ? node.Left : node.Right;
            Assert.Equal(OfferResult.Accepted, tree.Offer(node, Computed(leaves, node)));
            seed = ((seed * 31) + 7) % 10_007;
        }
    }
}
