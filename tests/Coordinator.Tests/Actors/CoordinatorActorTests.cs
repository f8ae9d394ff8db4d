using Akka.Actor;
using Akka.TestKit;
using Lockstep.Coordinator.Actors;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Running;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Messages;
using StepDecided = Lockstep.Coordinator.Parameters.StepDecided;

namespace Lockstep.Coordinator.Tests.Actors;

public sealed class CoordinatorActorTests : Led
{
    [Fact]
    public void Training_begins_when_as_many_workers_as_were_asked_for_hold_a_version()
    {
        Lead(minimum: 2);
        TestProbe first = Register(1), second = Register(2);
        Accept(first, 1);
        Assert.Equal((1, 2), Told<WaitingForWorkers>(waiting => waiting.Present == 1) is var told ? (told.Present, told.Minimum) : default);
        Accept(second, 2);
        Hold(1);
        Hold(2);
        ViewPublished view = Next<ViewPublished>(first);
        Assert.Equal(view.Number, Next<ViewPublished>(second).Number);
        Assert.Equal((0L, 4, 4), (view.FromStep, LeavesOf(view, 1), LeavesOf(view, 2)));
    }

    [Fact]
    public void A_word_of_acceptance_that_comes_again_is_heard_once()
    {
        Lead(minimum: 2);
        TestProbe first = Register(1);
        Accept(first, 1);
        Accept(first, 1);
        Accept(Register(2), 2);
        Accept(first, 1);
        Hold(1);
        Hold(2);
        ViewPublished view = Next<ViewPublished>(first);
        Assert.Equal((0L, 4, 4), (view.FromStep, LeavesOf(view, 1), LeavesOf(view, 2)));
    }

    [Fact]
    public void The_leaves_of_a_dead_worker_go_to_the_others_within_the_same_step()
    {
        (TestProbe first, _) = TwoTraining();
        Die(2);
        ViewPublished view = Next<ViewPublished>(first);
        Assert.Equal((0L, 8), (view.FromStep, LeavesOf(view, 1)));
        // What its node says of the others, should it wake, counts no more.
        Assert.True(GivenUp.Reader.TryRead(out _));
        Assert.Contains(Told<WorkersChanged>(changed => changed.Workers.Any(worker => worker.State == WorkerState.Lost)).Workers, worker => worker.Incarnation == 2);
    }

    [Fact]
    public void A_worker_that_joins_gets_leaves_at_a_later_step()
    {
        (TestProbe first, TestProbe second) = TwoTraining();
        TestProbe third = Register(3);
        Accept(third, 3);
        Hold(3);
        ViewPublished view = Next<ViewPublished>(third);
        Assert.True(view.FromStep > 0);
        Assert.Equal(8, LeavesOf(view, 1) + LeavesOf(view, 2) + LeavesOf(view, 3));
        Assert.True(LeavesOf(view, 3) > 0);
        Assert.Equal(view.Number, Next<ViewPublished>(first).Number);
        Assert.Equal(view.Number, Next<ViewPublished>(second).Number);
    }

    [Fact]
    public void More_workers_than_leaves_is_a_warning_that_says_what_to_change()
    {
        TwoTraining();
        for (long incarnation = 3; incarnation <= 9; incarnation++)
        {
            Accept(Register(incarnation), incarnation);
            Hold(incarnation);
        }
        string text = Told<RunWarning>().Text;
        Assert.Contains("9 workers for 8 leaves", text, StringComparison.Ordinal);
        Assert.Contains("training.shards", text, StringComparison.Ordinal);
    }

    [Fact]
    public void When_all_workers_are_gone_the_run_waits_and_goes_on_with_the_next()
    {
        TwoTraining();
        Die(1);
        Die(2);
        Assert.Equal(0, Told<WaitingForWorkers>(waiting => waiting.Present == 0).Present);
        TestProbe third = Register(3);
        Accept(third, 3);
        Hold(3);
        ViewPublished view = Next<ViewPublished>(third);
        Assert.Equal((0L, 8), (view.FromStep, LeavesOf(view, 3)));
        Assert.False(Ended.IsCompleted);
    }

    [Fact]
    public void A_worker_that_asks_to_leave_is_let_go_after_its_leaves_are_given_away()
    {
        (TestProbe first, TestProbe second) = TwoTraining();
        Leader.Tell(new LeaveRequested(2), second);
        Assert.Equal(DismissalReason.LeftOnRequest, Next<WorkerDismissed>(second).Reason);
        Assert.Equal(8, LeavesOf(Next<ViewPublished>(first), 1));
        Assert.False(GivenUp.Reader.TryRead(out _), "Its node leaves by itself.");
    }

    [Fact]
    public void An_incarnation_that_never_greeted_is_refused()
    {
        Lead(minimum: 1);
        TestProbe stranger = CreateTestProbe();
        Leader.Tell(new RegisterWorker(42, "host42", 42, 1, 256), stranger);
        Assert.Contains("no connection", Next<WorkerRefused>(stranger).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_speaks_for_another_worker()
    {
        (TestProbe first, TestProbe second) = TwoTraining();
        Leader.Tell(new LeaveRequested(2), CreateTestProbe());
        Leader.Tell(new JobDeclined(2, "not me"), first);
        // The answer to a message of its own shows that the two before it changed nothing.
        Leader.Tell(new LeaveRequested(1), first);
        Assert.Equal(DismissalReason.LeftOnRequest, Next<WorkerDismissed>(first).Reason);
        Assert.Equal(8, LeavesOf(Next<ViewPublished>(second), 2));
    }

    [Fact]
    public async Task A_leaf_that_fails_on_two_workers_fails_the_job_and_names_both()
    {
        (TestProbe first, TestProbe second) = TwoTraining();
        Leader.Tell(new ComputationFailed(1, 0, 0, 4, "1 (dense)", "NotSupportedException: broken", "stack"), first);
        Assert.Equal(8, LeavesOf(Next<ViewPublished>(second), 2));
        Leader.Tell(new ComputationFailed(2, 0, 2, 1, "1 (dense)", "NotSupportedException: broken", "stack"), second);
        RunEnded ended = await Ended.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(RunOutcome.Failed, ended.Outcome);
        Assert.Contains("host1", ended.Explanation, StringComparison.Ordinal);
        Assert.Contains("host2", ended.Explanation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_word_about_a_step_that_nobody_can_have_computed_is_ignored()
    {
        (TestProbe first, TestProbe second) = TwoTraining();
        Leader.Tell(new ComputationFailed(1, long.MaxValue, 0, 4, null, "x", "y"), first);
        Leader.Tell(new ComputationFailed(1, 0, 1, 2, null, "x", "y"), first);
        Leader.Tell(new CoordinatorActor.StopRequested("test"));
        Die(1);
        Die(2);
        RunEnded ended = await Ended.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal((RunOutcome.Interrupted, 0L), (ended.Outcome, ended.Steps));
        Assert.NotNull(ended.Checkpoint);
    }

    [Fact]
    public async Task A_stop_before_training_is_an_interruption()
    {
        Lead(minimum: 1);
        TestProbe worker = Register(1);
        Leader.Tell(new CoordinatorActor.StopRequested("test"));
        Assert.Equal(RunOutcome.Interrupted, (await Ended.WaitAsync(TimeSpan.FromSeconds(20))).Outcome);
        Assert.Equal(DismissalReason.RunInterrupted, Next<WorkerDismissed>(worker).Reason);
    }

    [Fact]
    public async Task A_run_ends_with_a_checkpoint_its_hash_and_a_word_to_everybody()
    {
        (TestProbe first, _) = TwoTraining();
        ComputeAll();
        RunEnded ended = await Ended.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal((RunOutcome.Completed, Lone.Plan.TotalSteps), (ended.Outcome, ended.Steps));
        Assert.Equal(64, ended.ModelSha256!.Length);
        Assert.Equal(DismissalReason.RunEnded, Next<WorkerDismissed>(first).Reason);
        Assert.Contains(ended.Metrics, metric => metric.Name == "accuracy");

        // Whoever comes late is told so.
        TestProbe late = CreateTestProbe();
        Leader.Tell(new RegisterWorker(9, "host9", 9, 1, 256), late);
        Assert.Equal(DismissalReason.RunEnded, Next<WorkerDismissed>(late).Reason);
    }

    /// <summary>Computes every step as worker 1 and posts it, with the parameters that a link of its own is sent.</summary>
    private void ComputeAll()
    {
        var link = new ServerLink(Lone.Layout);
        Server.Attach(99, link);
        for (long step = 0; step <= Lone.Plan.TotalSteps; step++)
        {
            float[] parameters = link.Next();
            Compute(1, link, step, parameters, SumTree.Root(Lone.Plan.Shards));
            Server.Released(99, 0);
        }
    }
}
