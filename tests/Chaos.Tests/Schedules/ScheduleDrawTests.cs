using Lockstep.Chaos.Faults;
using Lockstep.Chaos.Schedules;

namespace Lockstep.Chaos.Tests.Schedules;

public sealed class ScheduleDrawTests
{
    private static readonly JobMeasure Job = new(1_000, 5, 8);

    [Fact]
    public void The_same_seed_draws_the_same_schedules()
    {
        for (int run = 1; run <= 50; run++)
            Assert.Equal(Draw(7).Draw(run, 0), Draw(7).Draw(run, 0));
    }

    // Bit for bit the same on every machine and in every later version: a seed that is told to somebody else means the same there.
    [Fact]
    public void A_seed_draws_what_it_always_drew() => Assert.Equal(
        ["kill@46", "pause@87"],
        [.. new ScheduleDraw(1, [FaultKind.Kill, FaultKind.Pause], new JobMeasure(400, 3, 4), 2).Draw(1, 0).Faults.Take(2).Select(fault => $"{FaultCatalogue.NameOf(fault.Kind)}@{fault.Step}")]);

    [Fact]
    public void A_run_does_not_depend_on_the_runs_before_it_and_differs_from_them()
    {
        ScheduleDraw draw = Draw(7);
        Schedule third = draw.Draw(3, 0);
        draw.Draw(9, 1);
        Assert.Equal(third, draw.Draw(3, 0));
        Assert.Equal(200, Enumerable.Range(1, 200).Select(run => string.Join(' ', draw.Draw(run, 0).Faults)).Distinct().Count());
    }

    [Fact]
    public void Another_seed_or_another_attempt_draws_others()
    {
        Assert.NotEqual(Draw(7).Draw(1, 0).Faults, Draw(8).Draw(1, 0).Faults);
        Assert.NotEqual(Draw(7).Draw(1, 0).Faults, Draw(7).Draw(1, 1).Faults);
    }

    [Fact]
    public void A_later_attempt_strikes_earlier()
    {
        double Last(int attempt) => Enumerable.Range(1, 100).Average(run => Draw(3).Draw(run, attempt).Faults[^1].Step);
        Assert.True(Last(1) < Last(0) && Last(3) < Last(1));
    }

    [Fact]
    public void All_that_is_drawn_is_a_schedule_that_can_be_read()
    {
        for (int run = 1; run <= 500; run++)
        {
            Schedule schedule = Draw(5).Draw(run, run % 4);
            Assert.Equal(schedule, ScheduleFile.Read(ScheduleFile.Write(schedule)));
            Assert.InRange(schedule.Faults.Count, Schedule.LeastStruck + 1, 8);
            Assert.All(schedule.Faults, fault => Assert.InRange(fault.Step, 1, Job.Steps - 1));
            Assert.True(schedule.Faults.Count(fault => fault.Kind == FaultKind.Throw) <= 1);
            Assert.True(schedule.Faults.Count(fault => fault.Kind == FaultKind.NonFinite) <= 1);
        }
    }

    [Fact]
    public void Every_kind_is_drawn_and_both_ways_of_exchange()
    {
        Schedule[] drawn = [.. Enumerable.Range(1, 200).Select(run => Draw(1).Draw(run, 0))];
        Assert.Equal(FaultCatalogue.Kinds, drawn.SelectMany(schedule => schedule.Faults).Select(fault => fault.Kind).Distinct().Order());
        Assert.Equal([Exchange.Tcp, Exchange.SharedMemory], drawn.Select(schedule => schedule.Exchange).Distinct().Order());
    }

    [Fact]
    public void Only_what_is_asked_for_is_drawn_and_nothing_is_done_to_bytes_that_do_not_travel()
    {
        Assert.All(new ScheduleDraw(1, [FaultKind.Cut], Job, 3).Draw(4, 0).Faults, fault => Assert.Equal(FaultKind.Cut, fault.Kind));
        Schedule apart = new ScheduleDraw(1, [FaultKind.Kill, FaultKind.Join], Job, 3).Draw(4, 0);
        Assert.Equal(Exchange.SharedMemory, apart.Exchange);
        Assert.All(apart.Faults, fault => Assert.True(fault.Kind is FaultKind.Kill or FaultKind.Join));
    }

    [Fact]
    public void A_run_with_a_standby_has_a_takeover_and_nothing_that_a_standby_stands_in_the_way_of()
    {
        Schedule[] drawn = [.. Enumerable.Range(1, 200).Select(run => Draw(1).Draw(run, 0)).Where(schedule => schedule.HasStandby)];
        Assert.InRange(drawn.Length, 30, 70);
        Assert.All(drawn, schedule => Assert.All(schedule.Faults, fault => Assert.True(FaultCatalogue.GoesWithStandby(fault.Kind))));
        Assert.Equal([Exchange.Tcp, Exchange.SharedMemory], drawn.Select(schedule => schedule.Exchange).Distinct().Order());
        Assert.All(new ScheduleDraw(1, [FaultKind.Takeover], Job, 3).Draw(1, 0).Faults, fault => Assert.Equal(FaultKind.Takeover, fault.Kind));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void A_job_of_few_steps_has_schedules_too(long steps)
    {
        for (int attempt = 0; attempt < 4; attempt++)
            Assert.All(new ScheduleDraw(1, FaultCatalogue.Kinds, new JobMeasure(steps, 1, 1), 1).Draw(1, attempt).Faults, fault => Assert.InRange(fault.Step, 0, steps));
    }

    private static ScheduleDraw Draw(ulong seed) => new(seed, FaultCatalogue.Kinds, Job, 3);
}
