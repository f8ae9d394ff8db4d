using Lockstep.Coordinator.Steps;
using Lockstep.Coordinator.Stragglers;

namespace Lockstep.Coordinator.Tests.Stragglers;

public sealed class LatenessRuleTests
{
    private const StepWork Both = StepWork.Train | StepWork.Evaluate;

    private readonly LatenessRule _rule = new();

    [Fact]
    public void Nothing_is_overdue_before_a_few_steps_of_the_kind_were_seen()
    {
        for (int i = 1; i < LatenessRule.Needed; i++)
            _rule.Learn(StepWork.Train, 1, 0.9);
        Assert.Null(_rule.Bound(StepWork.Train, 0.9));
        _rule.Learn(StepWork.Train, 1, 0.9);
        Assert.NotNull(_rule.Bound(StepWork.Train, 0.9));
        Assert.Null(_rule.Bound(Both, 0.9));
    }

    [Fact]
    public void The_bound_is_a_multiple_of_what_computing_takes_now_and_of_what_was_beyond_it_before()
    {
        Learn(StepWork.Train, 20, seconds: 1, computing: 0.8);
        Assert.Equal(1.0, _rule.Usual(StepWork.Train, 0.8)!.Value, 12);
        Assert.Equal(LatenessRule.Factor * 1.0, _rule.Bound(StepWork.Train, 0.8)!.Value, 12);
        // Half of the workers are gone: what is left of them takes twice as long.
        Assert.Equal(LatenessRule.Factor * 1.8, _rule.Bound(StepWork.Train, 1.6)!.Value, 12);
    }

    [Fact]
    public void Quick_steps_have_a_bound_that_a_busy_machine_keeps()
    {
        Learn(StepWork.Train, 20, seconds: 0.002, computing: 0.001);
        Assert.Equal(LatenessRule.LeastSeconds, _rule.Bound(StepWork.Train, 0.001));
    }

    [Fact]
    public void Less_than_half_of_the_latest_steps_change_nothing_and_older_ones_are_forgotten()
    {
        Learn(StepWork.Train, LatenessRule.Remembered, seconds: 1, computing: 0);
        Learn(StepWork.Train, (LatenessRule.Remembered / 2) - 1, seconds: 50, computing: 0);
        Assert.Equal(1, _rule.Usual(StepWork.Train, 0));
        Learn(StepWork.Train, 2, seconds: 50, computing: 0);
        Assert.Equal(50, _rule.Usual(StepWork.Train, 0));
    }

    [Fact]
    public void The_slowness_of_a_worker_that_holds_every_step_up_is_not_learned_as_usual()
    {
        // One leaf of the slow worker takes a second, and all leaves of the others a tenth.
        Learn(StepWork.Train, 20, seconds: 1.02, computing: 1);
        Assert.True(_rule.Bound(StepWork.Train, 0.1) < 0.5);
    }

    [Fact]
    public void Steps_that_evaluate_have_a_bound_of_their_own()
    {
        Learn(StepWork.Train, 8, seconds: 0.1, computing: 0.1);
        Learn(Both, 8, seconds: 5, computing: 0.1);
        Assert.Equal(LatenessRule.Factor * 5, _rule.Bound(Both, 0.1)!.Value, 12);
        Assert.Equal(LatenessRule.Factor * 0.1, _rule.Bound(StepWork.Train, 0.1)!.Value, 12);
    }

    [Fact]
    public void What_is_no_time_is_neither_learned_nor_answered()
    {
        Learn(StepWork.Train, 8, seconds: double.NaN, computing: 1);
        Learn(StepWork.Train, 8, seconds: 1, computing: double.PositiveInfinity);
        Assert.Null(_rule.Bound(StepWork.Train, 1));
        Learn(StepWork.Train, 8, seconds: 1, computing: 1);
        Assert.Null(_rule.Bound(StepWork.Train, double.PositiveInfinity));
    }

    private void Learn(StepWork work, int times, double seconds, double computing)
    {
        for (int i = 0; i < times; i++)
            _rule.Learn(work, seconds, computing);
    }
}
