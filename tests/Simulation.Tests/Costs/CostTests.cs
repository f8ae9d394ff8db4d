using Lockstep.Simulation.Costs;

namespace Lockstep.Simulation.Tests.Costs;

public sealed class CostTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 5)]
    [InlineData(3, 6)]
    [InlineData(4, 7)]
    [InlineData(8, 11)]
    [InlineData(0.5, 2)]
    public void A_curve_is_straight_between_what_was_measured_and_goes_on_beyond_it(double size, double seconds) =>
        Assert.Equal(seconds, new CostCurve((1, 3), (2, 5), (4, 7)).At(size), 12);

    [Fact]
    public void A_curve_of_one_point_is_a_proportion() => Assert.Equal(12, new CostCurve((2, 3)).At(8), 12);

    [Fact]
    public void A_curve_that_noise_makes_fall_at_its_end_goes_on_in_proportion_and_never_below_zero() => Assert.Equal(8, new CostCurve((1, 5), (2, 4)).At(4), 12);

    [Fact]
    public void Sizes_that_do_not_rise_are_no_curve() => Assert.Throws<ArgumentException>(() => new CostCurve((2, 1), (2, 2)));

    [Fact]
    public void Two_measurements_say_what_threads_share()
    {
        var cost = ThreadedCost.Fit(alone: 10, threads: 4, together: 4);
        Assert.Equal(2, cost.Serial, 12);
        Assert.Equal(8, cost.Parallel, 12);
        Assert.Equal(6, cost.With(2), 12);
    }

    [Fact]
    public void Threads_that_gained_nothing_share_nothing() => Assert.Equal(new ThreadedCost(10, 0), ThreadedCost.Fit(alone: 10, threads: 2, together: 12));

    [Fact]
    public void A_nodes_times_are_those_of_its_leaves_together()
    {
        var cost = new NodeCost([new NodeTimes(1, 1, [3, 2], 4), new NodeTimes(3, 3, [7, 6], 8)]);
        NodeTimes two = cost.Of(2);
        Assert.Equal(2, two.SumsReady, 12);
        Assert.Equal([5, 4], two.BucketReady);
        Assert.Equal(6, two.Total, 12);
    }
}
