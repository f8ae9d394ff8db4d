using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Tests.Optimization;

public sealed class ScheduleTests
{
    private const double Rate = 0.05;

    public static TheoryData<ScheduleSpec> Schedules() =>
        [new StepSchedule(4, 0.1), new ExponentialSchedule(4, 0.1), new CosineSchedule(0.01, 30), new InverseSchedule(0.5)];

    [Fact]
    public void An_exponential_falls_evenly()
    {
        Assert.Equal(Rate, At(new ExponentialSchedule(4, 0.1), 0));
        Assert.Equal(Rate * Math.Sqrt(0.1), At(new ExponentialSchedule(4, 0.1), 2), 1e-17);
        Assert.Equal(Rate * 0.1, At(new ExponentialSchedule(4, 0.1), 4), 1e-17);
        Assert.Equal(Rate * 0.9 * 0.9 * 0.9, At(new ExponentialSchedule(1, 0.9), 3), 1e-16);
    }

    [Fact]
    public void A_cosine_falls_to_its_end_and_rises_again()
    {
        var schedule = new CosineSchedule(0.01, 10);
        Assert.Equal(Rate, At(schedule, 0));
        Assert.Equal(0.03, At(schedule, 5), 1e-17);
        Assert.Equal(0.01 + (0.04 * (1 + Math.Cos(Math.PI * 0.3)) / 2), At(schedule, 3), 1e-16);
        Assert.Equal(0.01, At(schedule, 10));
        Assert.Equal(At(schedule, 3), At(schedule, 17), 1e-16);
        Assert.Equal(At(schedule, 3), At(schedule, 1_000_000_003));
    }

    [Fact]
    public void An_inverse_divides_by_the_steps()
    {
        Assert.Equal(Rate, At(new InverseSchedule(0.5), 0));
        Assert.Equal(Rate / 2.5, At(new InverseSchedule(0.5), 3));
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public void A_warm_up_rises_to_the_whole_rate_and_then_the_schedule_begins(ScheduleSpec schedule)
    {
        ScheduleSpec warm = schedule with { WarmUpSteps = 5 };
        if (schedule is CosineSchedule cosine)
            warm = cosine with { WarmUpSteps = 5, OverSteps = 35 };
        for (int step = 0; step < 5; step++)
            Assert.Equal(Rate * (step + 1) / 5, At(warm, step), 1e-17);
        for (int step = 0; step < 30; step++)
            Assert.Equal(At(schedule, step), At(warm, step + 5));
    }

    private static double At(ScheduleSpec schedule, long step) =>
        new UpdateRule(new ParameterLayout([new ParameterView("0.weight", 0, [1], 0, false)]), new UpdateSpec(new SgdSpec { LearningRate = Rate }, Schedule: schedule)).LearningRate(step);
}
