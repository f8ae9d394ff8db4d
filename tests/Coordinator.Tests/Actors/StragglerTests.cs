using Akka.Actor;
using Akka.TestKit;
using Lockstep.Coordinator.DataPlane;
using Lockstep.Coordinator.Running;
using Lockstep.Coordinator.Stragglers;
using Lockstep.Coordinator.Tests.Parameters;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.Messages;

namespace Lockstep.Coordinator.Tests.Actors;

public sealed class StragglerTests : Led
{
    private static readonly TreeNode FirstHalf = new(0, 4), SecondHalf = new(4, 4);

    private readonly ServerLink _link;
    private long _step;

    public StragglerTests()
        : base(new LonePlan(evaluation: "everySteps: 50", steps: 50)) => _link = new ServerLink(Lone.Layout);

    [Fact]
    public void The_missing_leaves_of_a_late_worker_are_given_to_others_and_it_comes_back_when_it_is_in_time()
    {
        (TestProbe first, TestProbe second) = TwoTraining();
        Server.Attach(99, _link);
        // The first step has the first view in it and begins with an evaluation: it says nothing of the others.
        for (int i = 0; i <= LatenessRule.Needed; i++)
            Step(FirstHalf, SecondHalf);

        float[] parameters = Step(FirstHalf);
        ViewPublished present = Next<ViewPublished>(first);
        Assert.Equal((_step - 1, 8, 4), (present.FromStep, LeavesOf(present, 1), LeavesOf(present, 2)));
        ViewPublished next = Next<ViewPublished>(first);
        Assert.Equal((_step, 8, 1), (next.FromStep, LeavesOf(next, 1), LeavesOf(next, 2)));
        Assert.Equal(next.Number, Next<ViewPublished>(second, view => view.FromStep == _step).Number);
        WorkersChanged changed = Told<WorkersChanged>(changed => changed.Workers.Any(worker => worker is { Incarnation: 2, State: WorkerState.Late }));
        Assert.Contains($"host2:2 is late at step {_step - 1}", changed.Reason, StringComparison.Ordinal);
        Assert.Contains("others compute 4 leaves too", changed.Reason, StringComparison.Ordinal);

        Compute(1, _link, _step - 1, parameters, SecondHalf);
        Assert.Equal(4, Told<StepCompleted>(step => step.Step == _step - 1).BackedUp);

        // Whose copies are in time has a share again at the next balance.
        for (int i = 0; i < Trials.Deliveries; i++)
            Release(2, _step + i, leaves: 1);
        Assert.Equal(4, LeavesOf(Next<ViewPublished>(second), 2));
        Assert.Contains("host2:2 is in time again", Told<RunNotice>().Text, StringComparison.Ordinal);
        Step(FirstHalf, SecondHalf);
        Assert.Equal(0, Told<StepCompleted>(step => step.Step == _step - 1).BackedUp);
    }

    [Fact]
    public void The_death_of_a_late_worker_is_a_death_like_any_other()
    {
        (TestProbe first, _) = TwoTraining();
        Server.Attach(99, _link);
        for (int i = 0; i <= LatenessRule.Needed; i++)
            Step(FirstHalf, SecondHalf);
        float[] parameters = Step(FirstHalf);
        Next<ViewPublished>(first, view => view.FromStep == _step);
        Die(2);
        ViewPublished after = Next<ViewPublished>(first);
        Assert.Equal((8, 0), (LeavesOf(after, 1), LeavesOf(after, 2)));
        Compute(1, _link, _step - 1, parameters, SecondHalf);
        Assert.Equal(_step - 1, Told<StepCompleted>(step => step.Step == _step - 1).Step);
        Assert.False(Ended.IsCompleted);
    }

    // Both say how fast they were before the step is decided, so that it is known what it should have taken.
    private float[] Step(params TreeNode[] nodes)
    {
        float[] parameters = _link.Next();
        Server.Released(99, 0);
        Release(1, _step - 1, leaves: 4);
        Release(2, _step - 1, leaves: 4);
        foreach (TreeNode node in nodes)
            Compute(node == FirstHalf ? 1 : 2, _link, _step, parameters, node);
        _step++;
        return parameters;
    }

    private void Release(long worker, long version, int leaves) => Leader.Tell(new VersionReleased(worker, version, leaves, leaves * 1e-4));
}
