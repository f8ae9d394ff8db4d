using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.Tests.Support;
using Xunit;

namespace Lockstep.Transport.Tests.Connections;

public sealed unsafe class ClosingTests
{
    private static readonly ConnectionOptions Quick = new()
    {
        PingInterval = TimeSpan.FromMilliseconds(50),
        SilenceLimit = TimeSpan.FromSeconds(1),
        SendTimeout = TimeSpan.FromMilliseconds(500),
    };

    [Fact]
    public void A_goodbye_follows_all_that_was_queued()
    {
        using var plane = new Plane();
        Recorder client = plane.Connect();
        Recorder server = plane.NextServer();
        using var payload = new NativeBytes(300_000, seed: 1);
        var log = new SendLog();
        for (int i = 0; i < 20; i++)
            client.Connection!.TrySend(Sending.Frame(payload, (ulong)i, 0, log));
        client.Connection!.Close("the run is over", Bounds.Generous);
        Assert.Equal(QueueOutcome.Closed, client.Connection.TrySend(Sending.Frame(payload)));
        CloseReason reason = server.WaitClosed();
        Assert.Equal((CloseKind.PeerClosed, "the run is over"), (reason.Kind, reason.Text));
        Assert.Equal(20, server.Frames.Count);
        reason = client.WaitClosed();
        Assert.Equal((CloseKind.Local, "the run is over"), (reason.Kind, reason.Text));
        Assert.Equal(20, log.Count(SendOutcome.Sent));
    }

    [Fact]
    public void A_goodbye_does_not_wait_for_credit_longer_than_its_linger()
    {
        using var plane = new Plane(Plane.Defaults(new ConnectionOptions { CreditWindow = 1 }), serverHandler: () => new Recorder { ReturnsCredit = false });
        Recorder client = plane.Connect();
        Recorder server = plane.NextServer();
        using var payload = new NativeBytes(1000, seed: 1);
        var log = new SendLog();
        client.Connection!.TrySend(Sending.Frame(payload, 0, 0, log));
        client.Connection.TrySend(Sending.Frame(payload, 1, 0, log));
        client.Connection.Close("bye", TimeSpan.FromMilliseconds(50));
        Assert.Equal(CloseKind.PeerClosed, server.WaitClosed().Kind);
        Assert.Equal(CloseKind.Local, client.WaitClosed().Kind);
        Assert.Equal([SendOutcome.Sent], log.Of(0));
        Assert.Equal([SendOutcome.Dropped], log.Of(1));
    }

    [Fact]
    public void A_peer_that_ignores_the_goodbye_is_left_after_the_silence_limit()
    {
        using var plane = new Plane(Plane.Defaults(Quick));
        using var peer = RawPeer.Join(plane);
        Recorder server = plane.NextServer();
        Bounds.Await(() => server.Connection is not null, "it is open");
        server.Connection!.Close("bye", TimeSpan.Zero);
        using var stop = new ManualResetEventSlim();
        Thread pinger = PingOnAndOn(peer, stop);
        Assert.Equal(CloseKind.Local, server.WaitClosed().Kind);
        stop.Set();
        pinger.Join();
    }

    [Fact]
    public void Silence_closes_the_connection()
    {
        using var plane = new Plane(Plane.Defaults(Quick));
        using var peer = RawPeer.Join(plane);
        long begun = TimeProvider.System.GetTimestamp();
        CloseReason reason = plane.NextServer().WaitClosed();
        Assert.Equal(CloseKind.Silent, reason.Kind);
        Assert.InRange(TimeProvider.System.GetElapsedTime(begun).TotalMilliseconds, 500, 15_000);
        peer.ReadToEnd();
    }

    [Fact]
    public void A_quiet_but_living_peer_is_kept()
    {
        using var plane = new Plane(Plane.Defaults(Quick));
        Recorder client = plane.Connect();
        Recorder server = plane.NextServer();
        long begun = TimeProvider.System.GetTimestamp();
        Bounds.Await(() => TimeProvider.System.GetElapsedTime(begun) > 2 * Quick.SilenceLimit, "two silence limits pass");
        Assert.True(client.Connection!.IsOpen && server.Connection!.IsOpen);
    }

    [Fact]
    public void A_peer_that_talks_but_does_not_read_is_stuck()
    {
        using var plane = new Plane(Plane.Defaults(Quick with { TcpReceiveBuffer = 16 * 1024, LocalSocketBuffer = 16 * 1024, SilenceLimit = Bounds.Generous }), serverHandler: () => new Recorder());
        using var peer = RawPeer.Join(plane, receiveBuffer: 4096);
        Recorder server = plane.NextServer();
        peer.Send(FrameType.Credit, [], 1000);
        using var payload = new NativeBytes(1 << 20, seed: 1);
        var log = new SendLog();
        Bounds.Await(() => server.Connection is not null, "it is open");
        for (int i = 0; i < 8; i++)
            server.Connection!.TrySend(Sending.Frame(payload, (ulong)i, 0, log));
        using var stop = new ManualResetEventSlim();
        Thread pinger = PingOnAndOn(peer, stop);
        Assert.Equal(CloseKind.Stuck, server.WaitClosed().Kind);
        stop.Set();
        pinger.Join();
        Assert.Equal(8, log.Count(SendOutcome.Dropped));
    }

    [Theory]
    [InlineData("too long")]
    [InlineData("negative length")]
    [InlineData("handshake type")]
    [InlineData("without credit")]
    [InlineData("absurd credit")]
    [InlineData("no credit at all")]
    public void Who_breaks_the_rules_is_refused(string how)
    {
        using var plane = new Plane(Plane.Defaults(new ConnectionOptions { CreditWindow = 2 }), serverHandler: () => new Recorder { ReturnsCredit = false });
        using var peer = RawPeer.Join(plane);
        Recorder server = plane.NextServer();
        long before = GC.GetTotalAllocatedBytes();
        switch (how)
        {
            case "too long":
                peer.Send(FrameType.Data, [], claimedLength: int.MaxValue);
                break;
            case "negative length":
                peer.Send(FrameType.Data, [], claimedLength: -5);
                break;
            case "handshake type":
                peer.Send(FrameType.Hello, []);
                break;
            case "without credit":
                Bounds.Await(() => server.Connection?.Counters.BytesSent >= 2 * FrameCodec.HeaderLength, "credit and ping are out");
                for (int i = 0; i < 3; i++)
                    peer.Send(FrameType.Data, [1]);
                break;
            case "absurd credit":
                peer.Send(FrameType.Credit, [], ulong.MaxValue);
                break;
            default:
                peer.Send(FrameType.Credit, [], 0);
                break;
        }
        CloseReason reason = server.WaitClosed();
        Assert.Equal(CloseKind.Refused, reason.Kind);
        Assert.Equal(1, server.Connection!.Counters.Refused);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 10 << 20);
        peer.ReadToEnd();
    }

    [Fact]
    public void What_the_handler_refuses_ends_the_connection_with_its_words()
    {
        using var small = new NativeBytes(10);
        using var plane = new Plane(serverHandler: () => new Recorder
        {
            OnLand = h => h.Application.First == 0 ? Landing.Refuse("a step of the future") : Landing.At(small.Pointer, small.Length),
        });
        using var payload = new NativeBytes(11);
        plane.Connect().Connection!.TrySend(Sending.Frame(payload, state: 0));
        CloseReason reason = plane.NextServer().WaitClosed();
        Assert.Equal((CloseKind.Refused, "a step of the future"), (reason.Kind, reason.Text));

        plane.Connect().Connection!.TrySend(Sending.Frame(payload, state: 1));
        Recorder server = plane.NextServer();
        Assert.Equal(CloseKind.Refused, server.WaitClosed().Kind);
        Assert.Equal([FrameFault.TooLong], server.Abandoned);
    }

    [Fact]
    public void A_handler_that_throws_ends_its_connection_and_the_cause_is_kept()
    {
        using var plane = new Plane(serverHandler: () => new Recorder { OnReceived = (_, _) => throw new InvalidDataException("oops") });
        using var payload = new NativeBytes(11);
        plane.Connect().Connection!.TrySend(Sending.Frame(payload));
        CloseReason reason = plane.NextServer().WaitClosed();
        Assert.Equal(CloseKind.HandlerFailed, reason.Kind);
        Assert.IsType<InvalidDataException>(reason.Cause);
    }

    [Fact]
    public void Rubbish_after_the_handshake_ends_the_connection_and_nothing_else()
    {
        using var plane = new Plane();
        var random = new Random(1);
        for (int round = 0; round < 40; round++)
        {
            using var peer = RawPeer.Join(plane);
            Recorder server = plane.NextServer();
            byte[] rubbish = new byte[FrameCodec.HeaderLength + random.Next(5000)];
            random.NextBytes(rubbish);
            peer.Socket.Send(rubbish, System.Net.Sockets.SocketFlags.None, out _);
            Assert.Equal(CloseKind.Damaged, server.WaitClosed().Kind);
            Assert.Empty(server.Frames);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Disposing_in_the_midst_of_sending_tells_every_frame_once_and_leaves_no_thread(bool unix)
    {
        using var payload = new NativeBytes(1 << 20, seed: 1);
        using (var plane = new Plane(Plane.Defaults(new ConnectionOptions { TcpReceiveBuffer = 64 * 1024, LocalSocketBuffer = 64 * 1024 }), unix, serverHandler: () => new Recorder { KeepsPayloads = false }))
        {
            for (int round = 0; round < 20; round++)
            {
                Recorder client = plane.Connect();
                Recorder server = plane.NextServer();
                var log = new SendLog();
                using var started = new ManualResetEventSlim();
                int queued = 0;
                var sender = new Thread(() =>
                {
                    while (client.Connection!.Send(Sending.Frame(payload, (ulong)queued, 0, log), Bounds.Generous) == QueueOutcome.Queued)
                    {
                        if (++queued == 1 + round)
                            started.Set();
                    }
                });
                sender.Start();
                Assert.True(started.Wait(Bounds.Generous));
                (round % 2 == 0 ? client : server).Connection!.Dispose();
                client.WaitClosed();
                server.WaitClosed();
                sender.Join();
                for (int i = 0; i < queued; i++)
                    Assert.Single(log.Of((ulong)i));
                Assert.Equal((1, 1), (client.ClosedCalls, server.ClosedCalls));
                client.Connection!.Dispose();
            }
        }
        if (OperatingSystem.IsLinux())
            Bounds.Await(() => TransportThreads() == 0, "all threads are gone");
    }

    [Fact]
    public void Disposing_from_a_callback_does_not_wait_for_itself()
    {
        using var plane = new Plane(serverHandler: () => new Recorder { OnReceived = (c, _) => c.Dispose(), ReturnsCredit = false });
        using var payload = new NativeBytes(11);
        plane.Connect().Connection!.TrySend(Sending.Frame(payload));
        Assert.Equal(CloseKind.Local, plane.NextServer().WaitClosed().Kind);
    }

    private static Thread PingOnAndOn(RawPeer peer, ManualResetEventSlim stop)
    {
        byte[] ping = new byte[FrameCodec.HeaderLength];
        FrameCodec.Encode(new FrameHeader(FrameType.Ping, 0, 0, Checksum.Of([]), default), ping);
        var thread = new Thread(() =>
        {
            while (!stop.Wait(20))
                peer.Socket.Send(ping, System.Net.Sockets.SocketFlags.None, out _);
        });
        thread.Start();
        return thread;
    }

    private static int TransportThreads() => Directory.GetDirectories("/proc/self/task").Count(task =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).StartsWith("data ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    });
}
