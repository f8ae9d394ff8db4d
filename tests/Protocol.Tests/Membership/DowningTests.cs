using Akka.Cluster;
using Lockstep.Protocol.Membership;

namespace Lockstep.Protocol.Tests.Membership;

/// <summary>What becomes of silence in the course of time.</summary>
public sealed class DowningTests
{
    private static readonly UniqueAddress[] Nodes = TestNodes.Of(4);

    private TimeSpan _now = TimeSpan.FromSeconds(100);

    [Fact]
    public void The_coordinator_gives_up_who_is_silent_for_the_whole_patience_and_each_for_itself()
    {
        Downing coordinator = new(Nodes[0], keepsItself: true);
        Assert.Empty(Look(coordinator, 1));
        Assert.Empty(Look(coordinator, 1));
        Assert.Empty(Looks(coordinator, 3, 1, 2));
        Assert.Equal([Nodes[1]], Look(coordinator, 1, 2));
        Assert.Equal([Nodes[1]], Look(coordinator, 1, 2));
        Assert.Equal([Nodes[1], Nodes[2]], Look(coordinator, 1, 2));
    }

    [Fact]
    public void Who_is_heard_again_begins_anew()
    {
        Downing coordinator = new(Nodes[0], keepsItself: true);
        Assert.Empty(Looks(coordinator, 5, 1));
        Assert.Empty(Look(coordinator));
        Assert.Empty(Looks(coordinator, 5, 1));
        Assert.Equal([Nodes[1]], Look(coordinator, 1));
    }

    [Fact]
    public void The_others_wait_until_the_whole_picture_has_stayed_the_same()
    {
        Downing standby = new(Nodes[1], keepsItself: false);
        Assert.Empty(Looks(standby, 9, 0));
        // One more is lost: it may be with the coordinator.
        Assert.Empty(Looks(standby, 10, 0, 2));
        Assert.Equal([Nodes[1]], Look(standby, 0, 2));
    }

    [Fact]
    public void The_others_give_the_coordinator_up_once_they_have_all_lost_it_for_so_long()
    {
        Downing standby = new(Nodes[1], keepsItself: false);
        Assert.Empty(Looks(standby, 10, 0));
        Assert.Equal([Nodes[0]], Look(standby, 0));
    }

    [Fact]
    public void Who_stood_still_itself_begins_anew_when_it_wakes()
    {
        foreach (bool keepsItself in (bool[])[true, false])
        {
            Downing paused = new(keepsItself ? Nodes[0] : Nodes[1], keepsItself);
            int lost = keepsItself ? 1 : 0;
            int patience = keepsItself ? 5 : 10;
            Assert.Empty(Looks(paused, patience - 1, lost));
            _now += TimeSpan.FromMinutes(1);
            Assert.Empty(Looks(paused, patience, lost));
            Assert.Equal([Nodes[lost]], Look(paused, lost));
        }
    }

    private IReadOnlyList<UniqueAddress> Looks(Downing downing, int times, params int[] silent)
    {
        IReadOnlyList<UniqueAddress> decision = [];
        for (int time = 0; time < times && decision.Count == 0; time++)
            decision = Look(downing, silent);
        return decision;
    }

    private IReadOnlyList<UniqueAddress> Look(Downing downing, params int[] silent)
    {
        _now += Downing.LookInterval;
        return downing.Look(_now, [.. Nodes.Select((node, number) => new NodeSight(node, MayLead: number < 3, Counts: true, silent.Contains(number)))]);
    }
}
