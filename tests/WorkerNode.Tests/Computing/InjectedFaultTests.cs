using Lockstep.Engine.Trees;
using Lockstep.WorkerNode.Computing;

namespace Lockstep.WorkerNode.Tests.Computing;

public sealed class InjectedFaultTests
{
    private static readonly TreeNode[] Nodes = [new(4, 4), new(8, 1)];

    [Fact]
    public void It_happens_once_at_the_first_step_from_its_own_on_that_has_leaves()
    {
        var fault = new InjectedFault(InjectedFaultKind.Throws, 10, 0, 0, _ => { });
        Assert.False(fault.HappensAt(9, Nodes));
        Assert.False(fault.HappensAt(10, []));
        Assert.True(fault.HappensAt(12, Nodes));
        Assert.False(fault.HappensAt(12, Nodes));
        Assert.False(fault.HappensAt(13, Nodes));
    }

    [Theory]
    [InlineData(0, 4, 0)]
    [InlineData(3, 7, 0)]
    [InlineData(4, 8, 1)]
    [InlineData(5, 4, 0)]
    [InlineData(14, 8, 1)]
    public void Its_leaf_is_one_of_those_that_are_computed(int leaf, int named, int node) =>
        Assert.Equal((named, node), new InjectedFault(InjectedFaultKind.MakesNaN, 0, 0, leaf, _ => { }).Place(Nodes));
}
