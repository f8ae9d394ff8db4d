using Lockstep.Chaos.Driving;

namespace Lockstep.Chaos.Tests.Driving;

public sealed class StepClockTests
{
    [Theory]
    [InlineData(0, 100, 40)]
    [InlineData(3, 4, 7)]
    [InlineData(12, 19, 8)]
    [InlineData(12, 30, 40)]
    [InlineData(61, 99, 0)]
    public void The_longest_gap_of_a_stretch_is_found(int from, int to, int gap)
    {
        var clock = new StepClock();
        foreach (int at in (int[])[1, 2, 10, 11, 20, 60])
            clock.Tick(TimeSpan.FromSeconds(at));
        Assert.Equal(TimeSpan.FromSeconds(gap), clock.LongestGap(TimeSpan.FromSeconds(from), TimeSpan.FromSeconds(to)));
    }
}
