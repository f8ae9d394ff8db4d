using Lockstep.Coordinator.Views;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.Messages;

namespace Lockstep.Coordinator.Tests.Views;

public sealed class ViewPlannerTests
{
    private readonly ViewPlanner _planner = new(shards: 16);

    [Fact]
    public void The_first_worker_has_the_whole_tree_at_once()
    {
        ClusterView view = _planner.Admit(1, step: 7)!;

        Assert.Equal([new TreeNode(0, 16)], view.NodesOf(1));
        Assert.Same(view, _planner.At(7));
    }

    [Fact]
    public void A_worker_that_joins_has_nodes_from_a_later_step_and_the_present_step_is_untouched()
    {
        ClusterView first = _planner.Admit(1, 7)!;

        ClusterView second = _planner.Admit(2, 7)!;

        Assert.Equal(7 + ViewPlanner.StepsAhead, second.FromStep);
        Assert.Same(first, _planner.At(8));
        Assert.Same(second, _planner.At(9));
        Assert.Equal((8, 8), (second.LeavesOf(1), second.LeavesOf(2)));
    }

    [Fact]
    public void A_worker_that_is_admitted_twice_changes_nothing()
    {
        _planner.Admit(1, 7);
        Assert.Null(_planner.Admit(1, 8));
    }

    [Fact]
    public void A_death_takes_effect_at_once()
    {
        Admit(1, 2, 3, 4);

        ClusterView view = _planner.Remove(2, 20)!;

        Assert.Same(view, _planner.At(20));
        Assert.Equal(0, view.LeavesOf(2));
        Assert.Equal(16, new long[] { 1, 3, 4 }.Sum(view.LeavesOf));
    }

    [Fact]
    public void A_death_before_a_view_has_begun_is_reckoned_from_the_view_that_holds()
    {
        _planner.Admit(1, 0);
        _planner.Admit(2, 10);

        ClusterView view = _planner.Remove(1, 11)!;

        Assert.Equal(16, view.LeavesOf(2));
        Assert.Same(view, _planner.At(11));
        Assert.Same(view, _planner.At(12));
    }

    [Fact]
    public void When_all_are_gone_there_is_no_view_and_numbers_go_on_rising_with_the_next_worker()
    {
        int before = _planner.Admit(1, 3)!.Number;
        Assert.Null(_planner.Remove(1, 3));
        Assert.Null(_planner.At(3));
        Assert.Null(_planner.Remove(1, 3));
        Assert.Null(_planner.Rebalance(3));

        Assert.True(_planner.Admit(2, 3)!.Number > before);
        Assert.NotNull(_planner.At(3));
    }

    [Fact]
    public void A_balance_that_is_worth_it_is_offered_ahead_of_the_present_step()
    {
        Admit(1, 2);
        _planner.Measure(1, 300);
        _planner.Measure(2, 100);

        ClusterView view = _planner.Rebalance(20)!;

        Assert.Equal((20 + ViewPlanner.StepsAhead, 12, 4), (view.FromStep, view.LeavesOf(1), view.LeavesOf(2)));
        Assert.Null(_planner.Rebalance(21));
        Assert.Null(_planner.Rebalance(25));
    }

    [Fact]
    public void A_small_gain_is_not_worth_a_view()
    {
        Admit(1, 2);
        _planner.Measure(1, 105);
        _planner.Measure(2, 100);

        Assert.Null(_planner.Rebalance(20));
    }

    [Theory]
    [InlineData(500.0)]
    [InlineData(0.02)]
    public void A_worker_that_was_not_measured_yet_is_taken_to_be_as_fast_as_the_others(double leavesPerSecond)
    {
        Admit(1, 2, 3);
        _planner.Measure(1, leavesPerSecond);

        Assert.Null(_planner.Rebalance(20));
        ClusterView joined = _planner.Admit(4, 20)!;
        Assert.All([1L, 2, 3, 4], worker => Assert.Equal(4, joined.LeavesOf(worker)));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_measurement_that_is_no_speed_is_ignored(double leavesPerSecond)
    {
        Admit(1, 2);
        _planner.Measure(1, leavesPerSecond);
        _planner.Measure(3, 100);

        Assert.Null(_planner.Rebalance(20));
        Assert.Equal([1L, 2L], _planner.Workers);
    }

    [Fact]
    public void A_worker_whose_view_was_overtaken_by_a_death_has_leaves_after_the_next_balance()
    {
        Admit([.. Enumerable.Range(1, 12).Select(worker => (long)worker)]);
        _planner.Admit(13, 50);
        _planner.Admit(14, 50);
        ClusterView overtaken = _planner.Remove(14, 51)!;
        Assert.Equal(0, overtaken.LeavesOf(13));

        ClusterView? view = _planner.Rebalance(52);

        Assert.NotNull(view);
        Assert.Equal(1, view.LeavesOf(13));
    }

    [Fact]
    public void Workers_beyond_the_number_of_leaves_cause_no_views()
    {
        Admit([.. Enumerable.Range(1, 20).Select(worker => (long)worker)]);

        Assert.Null(_planner.Rebalance(100));
        Assert.Null(_planner.Rebalance(101));
    }

    [Fact]
    public void A_view_is_told_to_workers_in_order_of_their_numbers()
    {
        Admit(2, 1);

        ViewPublished message = _planner.Newest!.ToMessage(run: 9, term: 4);

        Assert.Equal((9ul, 4L, _planner.Newest.Number, _planner.Newest.FromStep), (message.Run, message.Term, message.Number, message.FromStep));
        Assert.Equal([1L, 2L], message.Shares.Select(share => share.Incarnation));
        Assert.Equal([new LeafRun(0, 8)], message.Shares[0].Nodes);
        Assert.Equal([new LeafRun(8, 8)], message.Shares[1].Nodes);
    }

    private void Admit(params long[] workers)
    {
        foreach (long worker in workers)
            _planner.Admit(worker, 0);
    }
}
