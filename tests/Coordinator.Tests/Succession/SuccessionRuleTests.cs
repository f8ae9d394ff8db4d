using System.Net.Sockets;
using CsCheck;
using Lockstep.Coordinator.Succession;
using Lockstep.Transport.Joining;

namespace Lockstep.Coordinator.Tests.Succession;

public sealed class SuccessionRuleTests
{
    private static readonly Gen<Predecessor> Any =
        Gen.Select(Gen.Int[0, 3].Select(state => (PeerState)state), Gen.Bool, (answer, givenUp) => new Predecessor(answer, givenUp));

    private static readonly Gen<Predecessor> Gone =
        Gen.OneOf(Gen.Bool.Select(givenUp => new Predecessor(PeerState.Gone, givenUp)), Gen.Const(new Predecessor(PeerState.Unknown, true)));

    [Fact]
    public void Whoever_leads_is_followed_whatever_else_is_known() => Gen.Select(Gen.Bool, Any.Array[0, 4]).Sample((ready, before) =>
        Assert.Equal(SuccessionStep.Follow, SuccessionRule.Decide(somebodyLeads: true, ready, before)));

    [Fact]
    public void A_standby_leads_when_everybody_before_it_is_gone() => Gone.Array[1, 4].Sample(before =>
        Assert.Equal(SuccessionStep.Lead, SuccessionRule.Decide(somebodyLeads: false, ready: true, before)));

    [Fact]
    public void One_before_it_who_may_live_is_waited_for() => Gen.Select(Gone.Array[0, 4], Any, Gen.Int[0, 4]).Sample((others, one, place) =>
    {
        bool gone = one.Answer == PeerState.Gone || one is { Answer: PeerState.Unknown, GivenUp: true };
        Predecessor[] before = [.. others.Take(place), one, .. others.Skip(place)];
        Assert.Equal(gone ? SuccessionStep.Lead : SuccessionStep.Wait, SuccessionRule.Decide(somebodyLeads: false, ready: true, before));
    });

    [Fact]
    public void Without_the_data_nobody_leads() => Gone.Array[0, 4].Sample(before =>
        Assert.Equal(SuccessionStep.Wait, SuccessionRule.Decide(somebodyLeads: false, ready: false, before)));

    [Fact]
    public void Silence_alone_proves_nothing() =>
        Assert.Equal(SuccessionStep.Wait, SuccessionRule.Decide(somebodyLeads: false, ready: true, [new Predecessor(PeerState.Unknown, GivenUp: false)]));

    [Fact]
    public void Of_standbys_that_know_the_same_only_the_first_one_that_is_left_leads() => Gen.Select(Gen.Bool.Array[1, 6], Gone).Sample((alive, coordinator) =>
    {
        Predecessor[] seen = [.. alive.Select(lives => new Predecessor(lives ? PeerState.StandsBy : PeerState.Gone, GivenUp: false))];
        int[] leading = [.. Enumerable.Range(0, alive.Length)
            .Where(i => alive[i] && SuccessionRule.Decide(somebodyLeads: false, ready: true, seen.Take(i).Prepend(coordinator)) == SuccessionStep.Lead)];
        Assert.Equal(alive.Contains(true) ? [Array.IndexOf(alive, true)] : [], leading);
    });

    [Theory]
    [InlineData(JoinFault.Unreachable, SocketError.ConnectionRefused, PeerState.Gone)]
    [InlineData(JoinFault.Unreachable, SocketError.HostUnreachable, PeerState.Unknown)]
    [InlineData(JoinFault.Unreachable, SocketError.NetworkUnreachable, PeerState.Unknown)]
    [InlineData(JoinFault.Unreachable, SocketError.HostNotFound, PeerState.Unknown)]
    [InlineData(JoinFault.TimedOut, SocketError.ConnectionRefused, PeerState.Unknown)]
    [InlineData(JoinFault.Broken, SocketError.ConnectionReset, PeerState.Unknown)]
    public void Only_a_machine_that_says_that_nobody_listens_proves_an_end(JoinFault fault, SocketError error, PeerState expected) =>
        Assert.Equal(expected, PeerAnswer.Of(new JoinException(fault, "text", inner: new SocketException((int)error))).State);

    [Theory]
    [InlineData(RefusalCode.Full, PeerState.StandsBy)]
    [InlineData(RefusalCode.WrongToken, PeerState.Unknown)]
    [InlineData(RefusalCode.OtherBuild, PeerState.Unknown)]
    public void A_standby_answers_that_there_is_no_place_now(RefusalCode refusal, PeerState expected) =>
        Assert.Equal(expected, PeerAnswer.Of(new JoinException(JoinFault.Refused, "text", refusal)).State);
}
