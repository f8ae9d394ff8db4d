using Lockstep.Coordinator.Views;
using Lockstep.Engine.Trees;

namespace Lockstep.Coordinator.Tests.Stragglers;

public sealed class BackupTests
{
    private readonly ViewPlanner _planner = new(shards: 16);

    public BackupTests()
    {
        _planner.Admit([1, 2, 3, 4], 0);
        foreach (long worker in _planner.Workers.ToArray())
            _planner.Measure(worker, 10);
    }

    [Fact]
    public void What_a_late_worker_has_not_delivered_is_given_to_those_who_are_done()
    {
        HashSet<int> missing = [5, 6, 7];
        Assert.Equal([2L], _planner.Late(missing, 9, newcomersToo: false));
        (ClusterView present, ClusterView next, int leaves) = _planner.BackUp([2], missing, 9);

        Assert.Equal((9L, 10L, 3), (present.FromStep, next.FromStep, leaves));
        Assert.Same(present, _planner.At(9));
        Assert.Same(next, _planner.At(10));
        Assert.Equal([new TreeNode(4, 4)], present.NodesOf(2));
        Assert.Equal([5, 5, 5], new long[] { 1, 3, 4 }.Select(present.LeavesOf));
        Assert.Equal(missing.Order(), new long[] { 1, 3, 4 }.SelectMany(worker => present.NodesOf(worker).Skip(1)).Select(node => node.Start));
    }

    [Fact]
    public void From_the_next_step_on_it_has_a_copy_of_one_leaf_that_another_has()
    {
        ClusterView next = _planner.BackUp([2], new HashSet<int> { 4, 5, 6, 7 }, 9).Next;
        Assert.True(_planner.IsOnTrial(2));
        Assert.Equal(1, next.LeavesOf(2));
        Assert.Equal(16, new long[] { 1, 3, 4 }.Sum(next.LeavesOf));
    }

    [Fact]
    public void Faster_helpers_are_given_more()
    {
        _planner.Measure(3, 30);
        ClusterView present = _planner.BackUp([2], new HashSet<int> { 4, 5, 6, 7 }, 9).Present;
        Assert.Equal((5, 7, 4), (present.LeavesOf(1), present.LeavesOf(3), present.LeavesOf(4)));
    }

    [Fact]
    public void Where_nobody_is_done_nobody_is_late()
    {
        Assert.Empty(_planner.Late(Enumerable.Range(0, 16).ToHashSet(), 9, newcomersToo: true));
        Assert.Empty(_planner.Late(new HashSet<int> { 0, 4, 8, 12 }, 9, newcomersToo: true));
        Assert.Equal([1L, 2L, 3L], _planner.Late(new HashSet<int> { 0, 4, 8 }, 9, newcomersToo: true));
    }

    [Fact]
    public void A_worker_without_a_leaf_has_proven_nothing()
    {
        _planner.Admit(5, 9);
        Assert.Empty(_planner.Late(Enumerable.Range(0, 16).ToHashSet(), 9, newcomersToo: true));
    }

    [Fact]
    public void A_worker_that_was_never_measured_has_more_time()
    {
        _planner.Admit(5, 9);
        HashSet<int> missing = [.. _planner.At(11)!.NodesOf(5).SelectMany(node => Enumerable.Range(node.Start, node.Count))];
        Assert.Empty(_planner.Late(missing, 11, newcomersToo: false));
        Assert.Equal([5L], _planner.Late(missing, 11, newcomersToo: true));
    }

    [Fact]
    public void A_helper_can_be_late_in_its_turn()
    {
        _planner.BackUp([2], new HashSet<int> { 4, 5, 6, 7 }, 9);
        HashSet<int> missing = [.. _planner.At(9)!.NodesOf(3).SelectMany(node => Enumerable.Range(node.Start, node.Count)), 4];
        IReadOnlyList<long> late = _planner.Late(missing, 9, newcomersToo: false);
        Assert.Contains(3L, late);
        Assert.DoesNotContain(2L, late);
        ClusterView present = _planner.BackUp(late, missing, 9).Present;
        Assert.Empty(missing.Except(_planner.Workers.Where(worker => !_planner.IsOnTrial(worker)).SelectMany(present.NodesOf).SelectMany(node => Enumerable.Range(node.Start, node.Count))));
    }

    [Fact]
    public void It_comes_back_at_the_balance_after_it_has_delivered_copies_in_time()
    {
        _planner.BackUp([2], new HashSet<int> { 4 }, 9);
        Assert.Null(_planner.Rebalance(10));
        _planner.Delivered(2, 10);
        _planner.Delivered(2, 11);
        ClusterView back = _planner.Rebalance(12)!;
        Assert.Equal((12L + ViewPlanner.StepsAhead, 4), (back.FromStep, back.LeavesOf(2)));
        Assert.False(_planner.IsOnTrial(2));
    }

    [Fact]
    public void A_balance_and_a_join_leave_those_on_trial_where_they_are()
    {
        _planner.BackUp([2], new HashSet<int> { 4 }, 9);
        _planner.Measure(1, 90);
        Assert.Equal(1, _planner.Rebalance(10)!.LeavesOf(2));
        Assert.Equal(1, _planner.Admit(5, 13)!.LeavesOf(2));
        Assert.Equal(16, new long[] { 1, 3, 4, 5 }.Sum(_planner.Newest!.LeavesOf));
    }

    [Fact]
    public void The_death_of_a_worker_on_trial_leaves_every_leaf_where_it_is()
    {
        ClusterView next = _planner.BackUp([2], new HashSet<int> { 4 }, 9).Next;
        ClusterView after = _planner.Remove(2, 10)!;
        Assert.All(new long[] { 1, 3, 4 }, worker => Assert.Equal(next.NodesOf(worker), after.NodesOf(worker)));
        Assert.Equal(0, after.LeavesOf(2));
    }

    [Fact]
    public void When_only_workers_on_trial_are_left_they_have_all_leaves_again()
    {
        _planner.BackUp([2, 3], new HashSet<int> { 4, 8 }, 9);
        _planner.Remove(1, 10);
        ClusterView view = _planner.Remove(4, 10)!;
        Assert.False(_planner.IsOnTrial(2));
        Assert.Equal(Enumerable.Range(0, 16), new long[] { 2, 3 }.SelectMany(view.NodesOf).SelectMany(node => Enumerable.Range(node.Start, node.Count)).Order());
    }

    [Fact]
    public void A_worker_on_trial_that_has_been_in_time_helps_where_nobody_else_can()
    {
        _planner.Remove(3, 8);
        _planner.Remove(4, 8);
        _planner.BackUp([2], new HashSet<int> { 4 }, 9);
        HashSet<int> missing = [.. Enumerable.Range(0, 15)];
        Assert.Empty(_planner.Late(missing, 10, newcomersToo: true));
        _planner.Delivered(2, 10);
        Assert.Equal([1L], _planner.Late(missing, 11, newcomersToo: true));
        (ClusterView present, ClusterView next, _) = _planner.BackUp([1], missing, 11);
        Assert.Equal((16, 16), (present.LeavesOf(2), next.LeavesOf(2)));
        Assert.Equal((16, 1), (present.LeavesOf(1), next.LeavesOf(1)));
    }

    [Fact]
    public void What_a_step_should_take_is_known_from_measured_speeds()
    {
        Assert.Equal(0.4, _planner.PlannedSeconds(9)!.Value, 12);
        _planner.Measure(2, 1);
        Assert.Equal(4, _planner.PlannedSeconds(9)!.Value, 12);
        // The slow one is left out where it would only hold the others up.
        Assert.Equal(0.6, _planner.ShortestSeconds()!.Value, 12);
        Assert.Null(new ViewPlanner(16).ShortestSeconds());
    }
}
