using Lockstep.Chaos.Driving;

namespace Lockstep.Chaos.Tests.Driving;

public sealed class ShareTableTests
{
    [Fact]
    public void A_worker_that_is_lost_gives_the_leaves_that_it_had_to_others()
    {
        var table = new ShareTable();
        Assert.Empty(table.Observe("vm:31 holds version 0 (vm:31: 5 leaves, vm:32: 3 leaves)"));
        Assert.Empty(table.Observe("balanced by measured speed (vm:31: 4 leaves, vm:32: 4 leaves)"));
        Assert.Equal([new LostShare(31, 4)], table.Observe("vm:31: its connection ended (reset) (vm:31: lost, vm:32: 8 leaves)"));
        Assert.Empty(table.Observe("vm:33 joins (vm:31: lost, vm:32: 8 leaves, vm:33: joining)"));
    }

    [Theory]
    [InlineData("epoch 1/84 step 1/1,500 loss 2.3116 … samples/s, … left")]
    [InlineData("loading (part of the data)")]
    [InlineData("all are gone (no workers)")]
    [InlineData("(vm:99999999999: 1 leaves)")]
    public void Other_lines_say_nothing_of_shares(string line) => Assert.Empty(new ShareTable().Observe(line));

    [Fact]
    public void A_late_worker_is_late_until_it_has_a_share_or_is_lost()
    {
        var table = new ShareTable();
        Assert.Equal([new LostShare(31, 4)], [.. table.Observe("x (vm:31: 4 leaves, vm:32: 4 leaves)"), .. table.Observe("vm:31 is late at step 7 (0.34 s, usually 0.01 s): others compute 4 leaves too (vm:31: late, vm:32: 8 leaves)")]);
        Assert.Equal([31], table.Late);
        table.Observe("vm:33 joins (vm:31: late, vm:32: 8 leaves, vm:33: joining)");
        Assert.Equal([31], table.Late);
        table.Observe("balanced by measured speed (vm:31: 2 leaves, vm:32: late)");
        Assert.Equal([32], table.Late);
        table.Observe("x (vm:31: 8 leaves, vm:32: lost)");
        Assert.Empty(table.Late);
        table.Observe("x (vm:31: late)");
        table.Clear();
        Assert.Empty(table.Late);
    }

    [Fact]
    public void What_another_coordinator_gave_out_is_forgotten()
    {
        var table = new ShareTable();
        table.Observe("x (vm:1: 2 leaves)");
        table.Clear();
        Assert.Empty(table.Observe("x (vm:1: lost)"));
    }
}
