using CsCheck;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Trees;

public sealed class TreeNodeTests
{
    private static readonly Gen<TreeNode> Nodes =
        from level in Gen.Int[0, 11]
        from place in Gen.Int[0, 4095]
        select new TreeNode(place % (4096 >> level) << level, 1 << level);

    [Fact]
    public void A_node_is_the_sum_of_its_halves() => Nodes.Where(node => node.Count > 1).Sample(node =>
    {
        Assert.Equal(node.Start, node.Left.Start);
        Assert.Equal(node.Left.End, node.Right.Start);
        Assert.Equal(node.End, node.Right.End);
        Assert.Equal(node.Left.Count, node.Right.Count);
        Assert.Equal(node, node.Left.Parent);
        Assert.Equal(node, node.Right.Parent);
    });

    [Fact]
    public void Siblings_are_the_halves_of_their_parent() => Nodes.Sample(node =>
    {
        Assert.Equal(node, node.Sibling.Sibling);
        Assert.NotEqual(node.IsLeft, node.Sibling.IsLeft);
        Assert.Equal(node.IsLeft ? node : node.Sibling, node.Parent.Left);
        Assert.Equal(node.IsLeft ? node.Sibling : node, node.Parent.Right);
    });

    [Fact]
    public void A_node_contains_itself_and_its_halves_but_not_its_sibling() => Nodes.Sample(node =>
    {
        Assert.True(node.Contains(node));
        Assert.True(node.Parent.Contains(node));
        Assert.False(node.Contains(node.Parent));
        Assert.False(node.Contains(node.Sibling));
    });

    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(4, 4, true)]
    [InlineData(2, 4, false)]
    [InlineData(0, 3, false)]
    [InlineData(0, 0, false)]
    [InlineData(0, -8, false)]
    [InlineData(-4, 4, false)]
    [InlineData(int.MinValue, int.MinValue, false)]
    public void Only_aligned_runs_of_a_power_of_two_are_nodes(int start, int count, bool isNode) =>
        Assert.Equal(isNode, new TreeNode(start, count).IsAligned);

    [Fact]
    public void A_leaf_cannot_be_halved() => Assert.Throws<InvalidOperationException>(() => new TreeNode(3, 1).Left);

    [Fact]
    public void A_node_is_written_as_its_leaves()
    {
        Assert.Equal("leaf 3", new TreeNode(3, 1).ToString());
        Assert.Equal("leaves 4..7", new TreeNode(4, 4).ToString());
    }
}
