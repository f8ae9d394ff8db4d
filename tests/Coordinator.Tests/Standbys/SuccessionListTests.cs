using Lockstep.Coordinator.Standbys;
using Lockstep.Protocol.Messages;

namespace Lockstep.Coordinator.Tests.Standbys;

public sealed class SuccessionListTests
{
    [Fact]
    public void Who_was_admitted_first_comes_first_and_who_left_comes_no_more()
    {
        var list = new SuccessionList();
        Assert.True(list.Add(new StandbyAddress(9, "c:1"), most: 3));
        Assert.True(list.Add(new StandbyAddress(2, "a:1"), most: 3));
        Assert.True(list.Add(new StandbyAddress(5, "b:1"), most: 3));
        Assert.False(list.Add(new StandbyAddress(7, "d:1"), most: 3));
        Assert.Equal(["a:1", "b:1", "c:1"], list.Present.Select(standby => standby.Endpoint));
        list.Remove(2);
        Assert.Equal([5, 9], list.Present.Select(standby => standby.Number));
    }
}
