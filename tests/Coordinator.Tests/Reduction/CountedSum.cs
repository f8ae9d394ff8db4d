using Lockstep.Coordinator.Reduction;
using Lockstep.Engine.Trees;

namespace Lockstep.Coordinator.Tests.Reduction;

/// <summary>A sum that knows which leaves are in it, and whether it has been given back.</summary>
internal sealed class CountedSum(TreeNode node, float value)
{
    public TreeNode Node { get; set; } = node;

    public float Value { get; set; } = value;

    public int Releases { get; set; }
}

/// <summary>Adds in float32, in place like the product does, and fails on whatever is added or given back wrongly.</summary>
internal sealed class CountingArithmetic : ISumArithmetic<CountedSum>
{
    public CountedSum Add(CountedSum left, CountedSum right, bool isTotal)
    {
        Assert.Equal(0, left.Releases);
        Assert.Equal(0, right.Releases);
        Assert.Equal(left.Node.Sibling, right.Node);
        Assert.True(left.Node.IsLeft, $"{left.Node} and {right.Node} were added the wrong way round.");
        left.Node = left.Node.Parent;
        left.Value += right.Value;
        Release(right);
        return left;
    }

    public void Release(CountedSum sum)
    {
        sum.Releases++;
        Assert.True(sum.Releases == 1, $"The sum of {sum.Node} was given back twice.");
    }
}

/// <summary>The definition that every faster way of adding is held against.</summary>
internal static class PlainSum
{
    public static float Of(ReadOnlySpan<float> leaves, TreeNode node) => node.Count == 1
        ? leaves[node.Start]
        : Of(leaves, node.Left) + Of(leaves, node.Right);

    public static int Bits(float value) => BitConverter.SingleToInt32Bits(value);
}
