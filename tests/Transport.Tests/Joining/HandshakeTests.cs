using System.Net;
using System.Net.Sockets;
using System.Text;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.Joining;
using Lockstep.Transport.Tests.Support;
using Xunit;

namespace Lockstep.Transport.Tests.Joining;

public sealed class HandshakeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_knows_the_token_gets_in_and_both_hear_what_the_other_says(bool unix)
    {
        using var plane = new Plane(unix: unix);
        Recorder client = plane.Connect();
        Recorder server = plane.NextServer();
        Assert.Equal("welcome"u8.ToArray(), client.Connection!.Welcome.ToArray());
        Assert.True(plane.Requests.TryTake(out JoinRequest? request, Bounds.Generous));
        Assert.Equal("hello"u8.ToArray(), request.Hello.ToArray());
        Bounds.Await(() => client.Connection.RoundTrip > TimeSpan.Zero, "a ping of the client is answered");
        Bounds.Await(() => server.Connection?.RoundTrip > TimeSpan.Zero, "a ping of the server is answered");
        Assert.Equal((1, 1), (client.OpenedCalls, server.OpenedCalls));
        Bounds.Await(() => plane.Listener.Counters.Admitted == 1, "the admission is counted");
    }

    [Fact]
    public void A_wrong_token_is_refused_by_name_and_the_doorkeeper_is_not_asked()
    {
        using var plane = new Plane();
        JoinException e = Assert.Throws<JoinException>(() => plane.Connect(options: plane.Options with { Token = JoinToken.Generate() }));
        Assert.Equal((JoinFault.Refused, RefusalCode.WrongToken, false), (e.Fault, e.Refusal, e.IsTransient));
        Assert.Contains("token", e.Message, StringComparison.Ordinal);
        Assert.Equal(RefusalCode.WrongToken, plane.NextStranger().Refusal);
        Assert.Empty(plane.Requests);
        Assert.Equal(1, plane.Listener.Counters.Refused(RefusalCode.WrongToken));
    }

    [Fact]
    public void Another_protocol_version_is_refused_naming_both()
    {
        using var plane = new Plane(Plane.Defaults() with { ProtocolVersion = 2 });
        JoinException e = Assert.Throws<JoinException>(() => plane.Connect(options: plane.Options with { ProtocolVersion = 1 }));
        Assert.Equal(RefusalCode.OtherProtocol, e.Refusal);
        Assert.Equal("The coordinator speaks protocol version 2, this worker 1: install the same build on all machines.", e.Message);
    }

    [Fact]
    public void Another_build_is_refused_naming_both()
    {
        using var plane = new Plane();
        JoinException e = Assert.Throws<JoinException>(() => plane.Connect(options: plane.Options with { BuildFingerprint = "build-2" }));
        Assert.Equal(RefusalCode.OtherBuild, e.Refusal);
        Assert.Contains("build-1", e.Message, StringComparison.Ordinal);
        Assert.Contains("build-2", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_doorkeeper_may_refuse_in_its_own_words()
    {
        using var plane = new Plane(decide: (_, _) => Admission.Refuse(RefusalCode.Full, "All 4 places are taken."));
        JoinException e = Assert.Throws<JoinException>(() => plane.Connect());
        Assert.Equal((RefusalCode.Full, true, "All 4 places are taken."), (e.Refusal, e.IsTransient, e.Message));
    }

    [Fact]
    public void A_doorkeeper_that_throws_refuses_and_is_reported()
    {
        using var plane = new Plane(decide: (_, _) => throw new InvalidDataException("broken hello"));
        JoinException e = Assert.Throws<JoinException>(() => plane.Connect());
        Assert.Equal(RefusalCode.Other, e.Refusal);
        Assert.IsType<InvalidDataException>(plane.NextStranger().Cause);
    }

    [Fact]
    public void Another_transport_version_is_answered()
    {
        using var plane = new Plane();
        using var peer = RawPeer.Dial(plane);
        byte[] header = new byte[64];
        FrameCodec.Encode(new FrameHeader(FrameType.Hello, 0, 0, 0, default), header);
        header[4] = 9;
        peer.Socket.Send(header);
        var stream = RawPeer.HandshakeOver(peer.Socket);
        VerdictMessage? verdict = HandshakeMessages.DecodeVerdict(stream.Receive(FrameType.Verdict, HandshakeMessages.MaximumVerdictPayload));
        Assert.Equal(RefusalCode.OtherTransport, verdict?.Refusal);
        Assert.Equal(JoinFault.OtherTransport, plane.NextStranger().Fault);
    }

    [Fact]
    public void A_server_without_the_token_is_not_trusted()
    {
        // It says welcome to whatever proof it hears.
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var impostor = new Thread(() =>
        {
            using Socket socket = listener.Accept();
            var stream = RawPeer.HandshakeOver(socket);
            stream.Receive(FrameType.Hello, HandshakeMessages.MaximumHelloPayload);
            stream.Send(FrameType.Challenge, HandshakeMessages.Encode(new ChallengeMessage(1, new byte[32])));
            byte[] proof = stream.Receive(FrameType.Proof, HandshakeProof.Length);
            stream.Send(FrameType.Verdict, HandshakeMessages.Encode(new VerdictMessage(RefusalCode.None, "", [], proof)));
        });
        impostor.Start();
        using var handler = new Recorder();
        JoinException e = Assert.Throws<JoinException>(() => DataConnector.Connect(
            DataEndpoint.Tcp("127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port), Plane.Defaults(), [], handler));
        Assert.Equal(JoinFault.UntrustedServer, e.Fault);
        Assert.Equal(0, handler.OpenedCalls);
        impostor.Join();
    }

    [Fact]
    public void A_web_client_is_closed_and_counted()
    {
        using var plane = new Plane();
        using var peer = RawPeer.Dial(plane);
        peer.Socket.Send("GET / HTTP/1.1\r\n\r\n"u8);
        Assert.Equal(0, peer.ReadToEnd());
        Assert.Equal(JoinFault.NotLockstep, plane.NextStranger().Fault);
        Assert.Equal(1, plane.Listener.Counters.TurnedAway(JoinFault.NotLockstep));
        plane.Connect();
    }

    [Fact]
    public void A_web_server_is_not_taken_for_a_coordinator()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var web = new Thread(() =>
        {
            using Socket socket = listener.Accept();
            socket.Receive(new byte[1000]);
            socket.Send(Encoding.ASCII.GetBytes("HTTP/1.1 400 Bad Request\r\n\r\n"));
        });
        web.Start();
        using var handler = new Recorder();
        JoinException e = Assert.Throws<JoinException>(() => DataConnector.Connect(
            DataEndpoint.Tcp("127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port), Plane.Defaults(), [], handler));
        Assert.Equal(JoinFault.NotLockstep, e.Fault);
        web.Join();
    }

    [Fact]
    public void Silent_strangers_are_bounded_in_number_and_time()
    {
        using var plane = new Plane(Plane.Defaults() with { MaximumHandshakes = 2, Deadline = TimeSpan.FromSeconds(2) });
        using var first = RawPeer.Dial(plane);
        using var second = RawPeer.Dial(plane);
        Bounds.Await(() => plane.Listener.Counters.Accepted == 2, "both are accepted");
        using var third = RawPeer.Dial(plane);
        Assert.Equal(0, third.ReadToEnd());
        Assert.Equal(JoinFault.Busy, plane.NextStranger().Fault);
        Assert.Equal(0, first.ReadToEnd() + second.ReadToEnd());
        Assert.Equal([JoinFault.TimedOut, JoinFault.TimedOut], new[] { plane.NextStranger().Fault, plane.NextStranger().Fault });
        plane.Connect(options: plane.Options with { Deadline = TimeSpan.FromSeconds(5) });
    }

    [Fact]
    public void A_stranger_who_talks_slowly_gains_no_time()
    {
        using var plane = new Plane(Plane.Defaults() with { Deadline = TimeSpan.FromMilliseconds(300) });
        using var peer = RawPeer.Dial(plane);
        byte[] start = new byte[FrameCodec.HeaderLength];
        FrameCodec.Encode(new FrameHeader(FrameType.Hello, 0, 100, 0, default), start);
        using var stop = new ManualResetEventSlim();
        var dribble = new Thread(() =>
        {
            for (int i = 0; i < start.Length && !stop.Wait(100); i++)
                peer.Socket.Send(start.AsSpan(i, 1), SocketFlags.None, out _);
        });
        dribble.Start();
        Assert.Equal(JoinFault.TimedOut, plane.NextStranger().Fault);
        stop.Set();
        dribble.Join();
    }

    [Fact]
    public void Nobody_there_says_so_and_may_be_tried_again()
    {
        DataEndpoint endpoint;
        using (var plane = new Plane())
            endpoint = plane.Listener.Endpoint;
        using var handler = new Recorder();
        JoinException e = Assert.Throws<JoinException>(() => DataConnector.Connect(endpoint, Plane.Defaults(), [], handler));
        Assert.Equal((JoinFault.Unreachable, true), (e.Fault, e.IsTransient));
        Assert.Contains(endpoint.ToString(), e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_server_that_never_answers_is_given_up(bool cancel)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var endpoint = DataEndpoint.Tcp("127.0.0.1", ((IPEndPoint)listener.LocalEndPoint!).Port);
        using var handler = new Recorder();
        JoinOptions options = Plane.Defaults() with { Deadline = cancel ? Bounds.Generous : TimeSpan.FromMilliseconds(200) };
        using var cancellation = new CancellationTokenSource(cancel ? TimeSpan.FromMilliseconds(100) : Timeout.InfiniteTimeSpan);
        if (cancel)
            Assert.ThrowsAny<OperationCanceledException>(() => DataConnector.Connect(endpoint, options, [], handler, cancellation.Token));
        else
            Assert.Equal(JoinFault.TimedOut, Assert.Throws<JoinException>(() => DataConnector.Connect(endpoint, options, [], handler)).Fault);
    }

    [Fact]
    public void A_connection_attempt_that_hangs_is_given_up()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var address = (IPEndPoint)listener.LocalEndPoint!;
        // With the queue of the listener full, the system leaves further connects without an answer.
        using var filler = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        filler.Connect(address);
        using var handler = new Recorder();
        JoinException e = Assert.Throws<JoinException>(() => DataConnector.Connect(
            DataEndpoint.Tcp("127.0.0.1", address.Port), Plane.Defaults() with { Deadline = TimeSpan.FromMilliseconds(300) }, [], handler));
        Assert.Equal(JoinFault.TimedOut, e.Fault);
    }
}
