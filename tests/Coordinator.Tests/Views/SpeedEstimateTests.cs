using CsCheck;
using Lockstep.Coordinator.Views;

namespace Lockstep.Coordinator.Tests.Views;

public sealed class SpeedEstimateTests
{
    [Fact]
    public void Nothing_is_known_before_the_first_measurement_and_all_of_it_is_taken()
    {
        var estimate = new SpeedEstimate();
        Assert.Null(estimate.LeavesPerSecond);
        estimate.Add(8, 0.5);
        Assert.Equal(16, estimate.LeavesPerSecond);
    }

    [Fact]
    public void The_estimate_stays_between_the_slowest_and_the_fastest_step() =>
        Gen.Select(Gen.Int[1, 4096], Gen.Double[1e-6, 1e4]).Array[1, 50].Sample(steps =>
        {
            var estimate = new SpeedEstimate();
            foreach ((int leaves, double seconds) in steps)
                estimate.Add(leaves, seconds);
            double[] speeds = [.. steps.Select(step => step.Item1 / step.Item2)];
            Assert.InRange(estimate.LeavesPerSecond!.Value, speeds.Min() * (1 - 1e-9), speeds.Max() * (1 + 1e-9));
        });

    [Fact]
    public void One_slow_step_changes_little_and_a_lasting_change_is_known_after_seconds()
    {
        var estimate = new SpeedEstimate();
        for (int step = 0; step < 5_000; step++)
            estimate.Add(10, 0.01);
        estimate.Add(10, 0.1);
        Assert.InRange(estimate.LeavesPerSecond!.Value, 900, 1000);
        for (int step = 0; step < 100; step++)
            estimate.Add(10, 0.1);
        Assert.InRange(estimate.LeavesPerSecond!.Value, 100, 200);
    }

    [Theory]
    [InlineData(0, 1.0)]
    [InlineData(-1, 1.0)]
    [InlineData(1, 0.0)]
    [InlineData(1, -1.0)]
    [InlineData(1, double.NaN)]
    [InlineData(1, double.PositiveInfinity)]
    [InlineData(1, double.Epsilon)]
    public void A_measurement_that_gives_no_speed_says_nothing(int leaves, double seconds)
    {
        var estimate = new SpeedEstimate();
        estimate.Add(leaves, seconds);
        Assert.Null(estimate.LeavesPerSecond);
        estimate.Add(10, 1);
        estimate.Add(leaves, seconds);
        Assert.Equal(10, estimate.LeavesPerSecond);
    }
}
