using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Messages;
using Lockstep.Transport.Connections;
using Lockstep.WorkerNode.Running;

namespace Lockstep.WorkerNode.Tests.Running;

public sealed class CoordinatorAddressesTests
{
    private static readonly DataEndpoint A = DataEndpoint.Tcp("a", 1), B = DataEndpoint.Tcp("b", 1), C = DataEndpoint.Unix("/c");

    [Fact]
    public void At_first_what_it_was_started_with_is_tried_in_that_order() => Assert.Equal([B, A], CoordinatorAddresses.InOrder(null, [], [B, A]));

    [Fact]
    public void Then_the_lost_one_its_standbys_in_their_order_and_what_it_was_started_with() =>
        Assert.Equal([B, C, DataEndpoint.Tcp("d", 2), A], CoordinatorAddresses.InOrder(B, [new(7, "d:2"), new(3, "unix:/c")], [A]));

    [Fact]
    public void Nobody_is_tried_twice_in_a_round() =>
        Assert.Equal([A, B], CoordinatorAddresses.InOrder(A, [new(1, "b:1"), new(2, "a:1"), new(3, "b:1")], [A, B]));

    [Fact]
    public void What_is_no_address_is_left_out() =>
        Assert.Equal([A], CoordinatorAddresses.InOrder(null, [new(1, "nonsense"), new(2, ""), new(3, new string('x', DataPlaneLimits.EndpointCharacters) + ":1")], [A]));

    [Fact]
    public void A_coordinator_that_names_too_many_is_not_believed_all_of_them() => Assert.Equal(
        DataPlaneLimits.Standbys + 1,
        CoordinatorAddresses.InOrder(null, Enumerable.Range(1, 1_000).Select(i => new StandbyAddress(i, $"h:{i}")), [A]).Count);
}
