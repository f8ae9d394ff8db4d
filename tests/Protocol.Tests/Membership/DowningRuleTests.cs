using Akka.Cluster;
using Lockstep.Protocol.Membership;

namespace Lockstep.Protocol.Tests.Membership;

public sealed class DowningRuleTests
{
    private static readonly UniqueAddress[] Nodes = TestNodes.Of(6);

    [Fact]
    public void Who_is_heard_is_given_up_by_nobody()
    {
        for (int self = 0; self < 4; self++)
            Assert.Empty(Decide(self, nodes: 4));
    }

    [Fact]
    public void The_oldest_gives_up_whom_it_does_not_hear()
    {
        Assert.Equal([Nodes[2]], Decide(0, nodes: 4, silent: [2]));
        Assert.Equal([Nodes[1], Nodes[2], Nodes[3]], Decide(0, nodes: 4, silent: [1, 2, 3]));
    }

    [Fact]
    public void An_oldest_that_is_no_coordinator_gives_itself_up_when_at_least_two_others_are_out_of_its_reach()
    {
        Assert.Equal([Nodes[0]], Decide(0, nodes: 3, silent: [1, 2], keepsItself: false));
        Assert.Equal([Nodes[1]], Decide(0, nodes: 2, silent: [1], keepsItself: false));
        Assert.Equal([Nodes[2]], Decide(0, nodes: 3, silent: [2], keepsItself: false));
    }

    [Fact]
    public void The_others_leave_judging_one_another_to_the_oldest()
    {
        Assert.Empty(Decide(1, nodes: 4, silent: [2]));
        Assert.Empty(Decide(1, nodes: 4, silent: [2, 3]));
    }

    [Fact]
    public void The_others_give_up_an_oldest_that_is_gone_alone()
    {
        Assert.Equal([Nodes[0]], Decide(1, nodes: 3, silent: [0]));
        Assert.Equal([Nodes[0]], Decide(2, nodes: 3, silent: [0]));
    }

    [Fact]
    public void Who_is_left_without_the_oldest_and_others_gives_itself_up()
    {
        Assert.Equal([Nodes[1]], Decide(1, nodes: 4, silent: [0, 2]));
        Assert.Equal([Nodes[1]], Decide(1, nodes: 2, silent: [0]));
    }

    [Fact]
    public void Who_still_joins_has_no_say_but_may_be_on_the_other_side()
    {
        // Two are up, one joins: the oldest is not alone where the one that joins is with it.
        Assert.Equal([Nodes[1]], Decide(1, nodes: 3, silent: [0], joining: [2]));
        Assert.Equal([Nodes[1]], Decide(1, nodes: 4, silent: [0, 3], joining: [3]));
        Assert.Equal([Nodes[0]], Decide(1, nodes: 4, silent: [0], joining: [3]));
    }

    [Fact]
    public void A_worker_gives_up_nobody()
    {
        for (int silent = 0; silent < 3; silent++)
            Assert.Empty(Decide(3, nodes: 4, silent: [silent], workers: [3]));
        Assert.Empty(Decide(3, nodes: 4, silent: [0, 1, 2], workers: [3]));
    }

    [Fact]
    public void The_oldest_of_those_that_may_lead_is_what_a_split_is_judged_by()
    {
        // The coordinator has been given up before; the oldest node is a worker.
        Assert.Equal([Nodes[1]], Decide(2, nodes: 3, silent: [1], workers: [0], keepsItself: false));
        Assert.Equal([Nodes[0]], Decide(1, nodes: 3, silent: [0], workers: [0], keepsItself: false));
        Assert.Empty(Decide(2, nodes: 4, silent: [3], workers: [0], keepsItself: false));
    }

    [Fact]
    public void When_standbys_without_a_coordinator_fall_in_two_parts_exactly_one_goes_on()
    {
        for (int count = 2; count <= 6; count++)
        {
            for (int split = 1; split < (1 << count) - 1; split++)
            {
                int[] one = [.. Enumerable.Range(0, count).Where(node => (split >> node & 1) == 0)], other = [.. Enumerable.Range(0, count).Except(one)];
                Assert.True(GoesOn(one, other, []) != GoesOn(other, one, []), $"{count} nodes, {string.Join(' ', one)} and {string.Join(' ', other)}");
            }
        }
    }

    [Fact]
    public void When_a_cluster_with_its_coordinator_falls_in_two_the_other_part_goes_on_only_where_the_coordinator_is_alone()
    {
        for (int count = 2; count <= 6; count++)
        {
            for (int kinds = 0; kinds < 1 << (count - 1); kinds++)
            {
                int[] workers = [.. Enumerable.Range(1, count - 1).Where(node => (kinds >> (node - 1) & 1) == 1)];
                for (int split = 0; split < (1 << (count - 1)) - 1; split++)
                {
                    int[] with = [0, .. Enumerable.Range(1, count - 1).Where(node => (split >> (node - 1) & 1) == 1)], without = [.. Enumerable.Range(0, count).Except(with)];
                    Assert.Equal(without.Select(node => Nodes[node]), Decide(0, count, without, workers));
                    if (without.Except(workers).Any())
                        Assert.Equal(with.Length == 1 && without.Length >= 2, GoesOn(without, with, workers));
                }
            }
        }
    }

    private static IReadOnlyList<UniqueAddress> Decide(int self, int nodes, int[]? silent = null, int[]? workers = null, int[]? joining = null, bool keepsItself = true) => DowningRule.Decide(
        Nodes[self],
        keepsItself && self == 0,
        [.. Enumerable.Range(0, nodes).Select(node => new NodeSight(Nodes[node], workers?.Contains(node) != true, joining?.Contains(node) != true, silent?.Contains(node) == true))]);

    // All of a side that may lead decide alike: either each gives up the other side, or leaves that to the oldest, or each gives itself up.
    private static bool GoesOn(int[] side, int[] other, int[] workers)
    {
        bool[] end = [.. side.Except(workers).Select(node => Decide(node, side.Length + other.Length, other, workers, keepsItself: false).Contains(Nodes[node]))];
        Assert.Single(end.Distinct());
        return !end[0];
    }
}
