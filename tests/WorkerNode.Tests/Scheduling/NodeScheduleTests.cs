using CsCheck;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.Messages;
using Lockstep.WorkerNode.Scheduling;

namespace Lockstep.WorkerNode.Tests.Scheduling;

public sealed class NodeScheduleTests
{
    private const long Me = 7;

    [Fact]
    public void There_is_nothing_to_do_before_a_version_and_a_view_have_come()
    {
        var schedule = new NodeSchedule(Me, 8);
        Assert.Empty(schedule.Todo());
        schedule.Begin(0, requiredView: 0);
        Assert.Empty(schedule.Todo());
        schedule.Add(View(1, 0, (0, 4)));
        Assert.Equal([new TreeNode(0, 4)], schedule.Todo());
    }

    [Fact]
    public void A_version_that_names_a_view_waits_for_it()
    {
        var schedule = new NodeSchedule(Me, 8);
        schedule.Add(View(1, 0, (0, 4)));
        schedule.Begin(5, requiredView: 2);
        Assert.True(schedule.AwaitsView);
        Assert.Empty(schedule.Todo());
        schedule.Add(View(2, 5, (4, 4)));
        Assert.Equal([new TreeNode(4, 4)], schedule.Todo());
    }

    [Fact]
    public void A_view_that_was_overtaken_by_one_for_later_steps_holds_until_then()
    {
        var schedule = new NodeSchedule(Me, 8);
        schedule.Add(View(1, 0, (0, 2)));
        schedule.Begin(3, requiredView: 1);
        // Another worker died, and a third one joined: the sooner of the two views comes last.
        schedule.Add(View(3, 5, (4, 4)));
        schedule.Add(View(2, 0, (0, 4)));
        Assert.Equal([new TreeNode(0, 4)], schedule.Todo());
        schedule.Begin(5, requiredView: 3);
        Assert.Equal([new TreeNode(4, 4)], schedule.Todo());
    }

    [Fact]
    public void A_view_for_later_steps_is_not_the_one_that_a_version_waits_for()
    {
        var schedule = new NodeSchedule(Me, 8);
        schedule.Add(View(3, 9, (4, 4)));
        schedule.Begin(5, requiredView: 2);
        Assert.True(schedule.AwaitsView);
        schedule.Add(View(2, 5, (0, 4)));
        Assert.Equal([new TreeNode(0, 4)], schedule.Todo());
    }

    [Fact]
    public void Nodes_that_are_given_in_the_middle_of_a_step_are_added_to_those_that_are_done()
    {
        var schedule = new NodeSchedule(Me, 8);
        schedule.Add(View(1, 0, (0, 2)));
        schedule.Begin(3, 1);
        schedule.Done(schedule.Todo());
        Assert.Empty(schedule.Todo());
        // Another worker died: this one is given a node that covers its own.
        schedule.Add(View(2, 0, (0, 4), (6, 2)));
        Assert.Equal([new TreeNode(2, 2), new TreeNode(6, 2)], schedule.Todo());
    }

    [Fact]
    public void A_view_that_begins_later_changes_nothing_before()
    {
        var schedule = new NodeSchedule(Me, 8);
        schedule.Add(View(1, 0, (0, 8)));
        schedule.Add(View(2, 10, (0, 4)));
        schedule.Begin(9, 1);
        Assert.Equal([new TreeNode(0, 8)], schedule.Todo());
        schedule.Begin(10, 2);
        Assert.Equal([new TreeNode(0, 4)], schedule.Todo());
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(0, 16)]
    [InlineData(-2, 2)]
    [InlineData(1 << 30, 1 << 30)]
    public void A_view_with_leaves_that_are_no_nodes_does_not_fit(int first, int count) =>
        Assert.False(new NodeSchedule(Me, 8).Fits(View(1, 0, (first, count))));

    [Fact]
    public void Whatever_views_come_in_whatever_order_the_todo_is_the_newest_share_less_what_is_done() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[0, 4], Gen.Int[0, 15], Gen.Int[0, 4]).Array[1, 12].Sample(events =>
        {
            var schedule = new NodeSchedule(Me, 16);
            var views = new Dictionary<int, ViewPublished>();
            var newest = new SortedDictionary<int, (long FromStep, bool[] Leaves)>();
            var done = new bool[16];
            long step = -1;
            foreach ((int number, int fromStep, int leaf, int size) in events)
            {
                int count = 1 << size;
                // A number is one view, however often it comes.
                if (!views.TryGetValue(number, out ViewPublished? view))
                    views.Add(number, view = View(number, fromStep, (leaf / count * count, count)));
                newest[number] = (view.FromStep, Leaves(view));
                schedule.Add(view);
                if (leaf % 3 == 0)
                {
                    schedule.Begin(++step, 0);
                    Array.Clear(done);
                }
                bool[] holds = newest.Where(pair => pair.Value.FromStep <= step).Select(pair => pair.Value.Leaves).LastOrDefault() ?? new bool[16];
                bool[] expected = [.. holds.Select((mine, i) => mine && !done[i] && step >= 0)];
                IReadOnlyList<TreeNode> todo = schedule.Todo();
                Assert.Equal(expected, Leaves(todo));
                schedule.Done(todo);
                foreach (TreeNode node in todo)
                    done.AsSpan(node.Start, node.Count).Fill(true);
            }
        });

    private static ViewPublished View(int number, long fromStep, params (int First, int Count)[] nodes) =>
        new(1, 1, number, fromStep, [new WorkerShare(Me, [.. nodes.Select(node => new LeafRun(node.First, node.Count))]), new WorkerShare(8, [new LeafRun(0, 1)])]);

    private static bool[] Leaves(ViewPublished view) => Leaves(view.Shares[0].Nodes.Select(run => new TreeNode(run.First, run.Count)));

    private static bool[] Leaves(IEnumerable<TreeNode> nodes)
    {
        var leaves = new bool[16];
        foreach (TreeNode node in nodes)
        {
            for (int leaf = node.Start; leaf < node.End; leaf++)
            {
                Assert.False(leaves[leaf], $"Leaf {leaf} is given twice.");
                leaves[leaf] = true;
            }
        }
        return leaves;
    }
}
