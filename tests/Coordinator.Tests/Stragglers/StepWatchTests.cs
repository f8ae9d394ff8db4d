using Lockstep.Coordinator.Stragglers;

namespace Lockstep.Coordinator.Tests.Stragglers;

public sealed class StepWatchTests
{
    private readonly StepWatch _watch = new();

    [Fact]
    public void Time_adds_up_from_look_to_look_and_begins_anew_with_a_step()
    {
        _watch.Begin(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.FromSeconds(0.1), _watch.Look(TimeSpan.FromSeconds(10.1)));
        Assert.Equal(TimeSpan.FromSeconds(0.25), _watch.Look(TimeSpan.FromSeconds(10.25)));
        _watch.Begin(TimeSpan.FromSeconds(10.3));
        Assert.Equal(TimeSpan.Zero, _watch.Open);
        Assert.Equal(TimeSpan.FromSeconds(0.1), _watch.Look(TimeSpan.FromSeconds(10.4)));
    }

    [Fact]
    public void Time_in_which_nobody_looked_counts_for_one_look()
    {
        _watch.Begin(TimeSpan.Zero);
        Assert.Equal(StepWatch.MostBetweenLooks, _watch.Look(TimeSpan.FromSeconds(60)));
        Assert.Equal(StepWatch.MostBetweenLooks + TimeSpan.FromSeconds(0.1), _watch.Look(TimeSpan.FromSeconds(60.1)));
    }
}
