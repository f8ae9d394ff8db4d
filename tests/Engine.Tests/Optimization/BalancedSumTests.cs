using CsCheck;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Optimization;

public sealed class BalancedSumTests
{
    [Fact]
    public void Small_sums_are_added_in_the_order_of_the_tree()
    {
        // 2^53 takes a 2 but no 1, so every order has another sum.
        const double big = 9007199254740992;
        Assert.Equal(0, BalancedSum.Of([]));
        Assert.Equal(5, BalancedSum.Of([5]));
        Assert.Equal((big + 1) + 1, BalancedSum.Of([big, 1, 1]));
        Assert.Equal((big + 1) + (1 + 1), BalancedSum.Of([big, 1, 1, 1]));
        Assert.Equal(((1.0 + 1) + (1 + 1)) + (big + 1), BalancedSum.Of([1, 1, 1, 1, big, 1]));
        Assert.NotEqual((big + 1) + 1, (big + 1) + (1 + 1));
    }

    [Fact]
    public void A_power_of_two_of_numbers_is_added_as_the_sum_tree_is() =>
        Gen.Select(Gen.Int[0, 9], Gen.Double[-1, 1].Array[512]).Sample((level, numbers) =>
        {
            double[] values = numbers[..(1 << level)];
            Assert.Equal(OfNode(SumTree.Root(values.Length), values), BalancedSum.Of(values));
        });

    private static double OfNode(TreeNode node, double[] values) =>
        node.Count == 1 ? values[node.Start] : OfNode(node.Left, values) + OfNode(node.Right, values);
}
