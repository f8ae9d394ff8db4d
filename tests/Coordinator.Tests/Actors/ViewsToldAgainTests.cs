using Akka.TestKit;
using Lockstep.Protocol.Messages;

namespace Lockstep.Coordinator.Tests.Actors;

public sealed class ViewsToldAgainTests : Led
{
    [Fact]
    public void While_no_step_is_decided_workers_are_told_their_view_again_since_it_may_have_been_lost()
    {
        Lead(minimum: 1);
        TestProbe worker = Register(1);
        Accept(worker, 1);
        Hold(1);
        ViewPublished first = Next<ViewPublished>(worker), again = worker.FishForMessage<ViewPublished>(_ => true, TimeSpan.FromSeconds(20));
        Assert.Equal((first.Number, first.FromStep), (again.Number, again.FromStep));
        Assert.Equal(LeavesOf(first, 1), LeavesOf(again, 1));
    }
}
