using Lockstep.Engine.Models;
using Lockstep.Jobs.Planning;

namespace Lockstep.Jobs.Tests.Planning;

public sealed class ChunkPlanTests
{
    [Theory]
    [InlineData(12, 4, 4)]
    [InlineData(13, 4, 4)]
    [InlineData(3, 4, 4)]
    [InlineData(20, 3, 7)]
    [InlineData(20, 5, 10)]
    [InlineData(1, 1, 1)]
    [InlineData(9, 2, 100)]
    public void Every_position_has_its_loss_once_and_every_window_begins_with_the_state_that_was_carried(int length, int steps, int backward)
    {
        var plan = new ChunkPlan(length, steps, backward);
        int position = 0, carried = 0;
        for (int chunk = 0; chunk < plan.Chunks; chunk++)
        {
            SequenceWindow window = plan.Training(chunk);
            Assert.Equal(position, window.Start + window.LossFrom);
            Assert.Equal(carried, window.Start);
            Assert.Equal(carried == 0 ? StateSource.Start : StateSource.Committed, window.State);
            Assert.InRange(window.Steps, 1, plan.LongestWindow);
            Assert.InRange(window.CarryAt, 0, window.Steps);
            position = window.Start + window.Steps;
            carried = window.Start + window.CarryAt;
        }
        Assert.Equal(length, position);
    }

    [Fact]
    public void Without_more_steps_backward_a_window_is_its_chunk()
    {
        var plan = new ChunkPlan(10, 4, 4);
        Assert.Equal(
            [
                new SequenceWindow(0, 4, 0, 4, StateSource.Start),
                new SequenceWindow(4, 4, 0, 4, StateSource.Committed),
                new SequenceWindow(8, 2, 0, 2, StateSource.Committed),
            ],
            Enumerable.Range(0, plan.Chunks).Select(plan.Training));
    }

    [Fact]
    public void With_more_steps_backward_windows_overlap()
    {
        var plan = new ChunkPlan(8, 2, 5);
        Assert.Equal(
            [
                new SequenceWindow(0, 2, 0, 0, StateSource.Start),
                new SequenceWindow(0, 4, 2, 1, StateSource.Start),
                new SequenceWindow(1, 5, 3, 2, StateSource.Committed),
                new SequenceWindow(3, 5, 3, 2, StateSource.Committed),
            ],
            Enumerable.Range(0, plan.Chunks).Select(plan.Training));
    }

    [Theory]
    [InlineData(12, 4)]
    [InlineData(13, 5)]
    public void An_evaluation_goes_straight_through(int length, int steps)
    {
        var plan = new ChunkPlan(length, steps, 2 * steps);
        int position = 0;
        for (int chunk = 0; chunk < plan.Chunks; chunk++)
        {
            SequenceWindow window = plan.Evaluation(chunk);
            Assert.Equal(position, window.Start);
            Assert.Equal((0, window.Steps), (window.LossFrom, window.CarryAt));
            Assert.Equal(chunk == 0 ? StateSource.Start : StateSource.Previous, window.State);
            position += window.Steps;
        }
        Assert.Equal(length, position);
    }
}
