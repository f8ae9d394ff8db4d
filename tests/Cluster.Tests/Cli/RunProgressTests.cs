using Lockstep.Cli.Screen;
using Lockstep.Coordinator.Running;

namespace Lockstep.Cluster.Tests.Cli;

public sealed class RunProgressTests
{
    private static readonly RunStarted Run = new("digits", "/runs/digits-1", 4_810, 1_437, 360, 45, 0, 1_350, 8);

    [Fact]
    public void Steps_and_epochs_are_counted_from_the_newest_step()
    {
        RunProgress progress = After(Run, Step(50, 1, 32, 0.01));
        Assert.Equal(51, progress.StepsDone);
        Assert.Equal(6, progress.StepsInEpoch);
        Assert.Equal(1, progress.Epoch);
        Assert.Equal(30, progress.Epochs);
        Assert.Equal(51.0 / 1350, progress.Fraction, 12);
    }

    [Fact]
    public void A_resumed_run_stands_where_it_goes_on()
    {
        RunProgress progress = After(Run with { FirstStep = 100 });
        Assert.Equal(100, progress.StepsDone);
        Assert.Equal(2, progress.Epoch);
        Assert.Equal(10, progress.StepsInEpoch);
    }

    [Fact]
    public void A_steady_speed_is_shown_as_it_is()
    {
        RunProgress progress = After(Run);
        for (int step = 0; step < 200; step++)
            progress = progress.After(Step(step, 0, 32, 0.05));
        Assert.Equal(640, progress.Throughput.SamplesPerSecond!.Value, 6);
        Assert.Equal((1350 - 200) * 0.05, progress.TimeLeft!.Value.TotalSeconds, 6);
    }

    [Fact]
    public void A_new_speed_takes_over_within_a_few_time_constants()
    {
        RunProgress progress = After(Run);
        for (int step = 0; step < 100; step++)
            progress = progress.After(Step(step, 0, 32, 1));
        for (int step = 100; step < 400; step++)
            progress = progress.After(Step(step, 0, 32, 0.1));
        Assert.InRange(progress.Throughput.SamplesPerSecond!.Value, 32 / 0.1 * 0.6, 32 / 0.1);
    }

    [Fact]
    public void One_long_step_weighs_by_its_seconds()
    {
        var meter = default(ThroughputMeter);
        meter = meter.After(100, 1e-9).After(100, 1e-9);
        meter = meter.After(100, 1);
        Assert.InRange(meter.SamplesPerSecond!.Value, 100, 300);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_step_without_a_sensible_duration_does_not_spoil_the_speed(double seconds)
    {
        ThroughputMeter meter = default(ThroughputMeter).After(10, 1);
        Assert.Equal(meter, meter.After(10, seconds));
        Assert.Null(default(ThroughputMeter).After(10, seconds).SamplesPerSecond);
    }

    [Fact]
    public void A_wait_for_workers_is_no_slowness()
    {
        RunProgress progress = After(Run, Step(0, 0, 32, 0.1), new WaitingForWorkers(0, 1));
        Assert.NotNull(progress.Waiting);
        progress = progress.After(Step(1, 0, 32, 3600));
        Assert.Null(progress.Waiting);
        Assert.Equal(320, progress.Throughput.SamplesPerSecond!.Value, 6);
    }

    [Fact]
    public void Notices_are_bounded_and_the_newest_are_kept()
    {
        RunProgress progress = After(Run);
        for (int i = 0; i < 1_000; i++)
            progress = progress.After(new RunWarning("number " + i));
        Assert.Equal(RunProgress.KeptNotices, progress.Notices.Count());
        Assert.Equal("warning: number 999", progress.Notices.Last());
    }

    [Fact]
    public void Before_the_first_event_everything_is_empty()
    {
        Assert.Equal(0, RunProgress.Nothing.Fraction);
        Assert.Equal(0, RunProgress.Nothing.StepsDone);
        Assert.Null(RunProgress.Nothing.TimeLeft);
    }

    internal static StepCompleted Step(long step, long epoch, int samples, double seconds) =>
        new(step, epoch, samples, 0.5, 1.25, 0.1, seconds);

    internal static RunProgress After(params RunEvent[] events) =>
        events.Aggregate(RunProgress.Nothing, (progress, next) => progress.After(next));
}
