using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.Tests.Support;
using Xunit;

namespace Lockstep.Transport.Tests.Connections;

public sealed class FlowControlTests
{
    private static readonly ConnectionOptions Quick = new()
    {
        CreditWindow = 4,
        PingInterval = TimeSpan.FromMilliseconds(50),
        SilenceLimit = TimeSpan.FromSeconds(10),
    };

    [Fact]
    public void Without_credit_data_waits_while_pings_go_on_and_credit_lets_it_flow_again()
    {
        using var plane = new Plane(Plane.Defaults(Quick), serverHandler: () => new Recorder { ReturnsCredit = false });
        Recorder client = plane.Connect();
        Recorder server = plane.NextServer();
        using var payload = new NativeBytes(50_000, seed: 1);
        for (int i = 0; i < 10; i++)
            client.Connection!.TrySend(Sending.Frame(payload, (ulong)i));
        for (int i = 0; i < 4; i++)
            server.Next();

        // Pings of both sides pass several times, and no further data with them.
        long heard = server.Connection!.Counters.BytesReceived;
        Bounds.Await(() => server.Connection.Counters.BytesReceived >= heard + 6 * FrameCodec.HeaderLength, "control frames pass");
        Assert.Equal(6, client.Connection!.QueuedFrames);
        Assert.Equal(4, server.Connection.Counters.FramesReceived);
        Assert.NotNull(client.Connection.RoundTrip);

        server.Connection.ReturnCredit(4);
        for (int i = 4; i < 8; i++)
            Assert.Equal((ulong)i, server.Next().Header.Application.First);
        Assert.Equal(2, client.Connection.QueuedFrames);
        Assert.Throws<InvalidOperationException>(() => server.Connection.ReturnCredit(5));
        Assert.True(client.Connection.IsOpen);
    }

    [Fact]
    public void A_full_queue_says_so_and_takes_frames_again_when_there_is_room()
    {
        using var plane = new Plane(Plane.Defaults(Quick with { QueueCapacity = 3, CreditWindow = 1 }), serverHandler: () => new Recorder { ReturnsCredit = false });
        Recorder client = plane.Connect();
        Recorder server = plane.NextServer();
        using var payload = new NativeBytes(10, seed: 1);
        client.Connection!.TrySend(Sending.Frame(payload));
        server.Next();
        for (int i = 0; i < 3; i++)
            Assert.Equal(QueueOutcome.Queued, client.Connection.TrySend(Sending.Frame(payload)));
        Assert.Equal(QueueOutcome.Full, client.Connection.TrySend(Sending.Frame(payload)));
        Assert.Equal(QueueOutcome.Full, client.Connection.Send(Sending.Frame(payload), TimeSpan.FromMilliseconds(20)));
        var returner = new Thread(() => server.Connection!.ReturnCredit());
        returner.Start();
        Assert.Equal(QueueOutcome.Queued, client.Connection.Send(Sending.Frame(payload), Bounds.Generous));
        returner.Join();
    }

    [Fact]
    public void Frames_that_others_follow_wait_for_the_last_of_them_or_for_a_full_queue()
    {
        // No ping wakes the writer in the meantime.
        ConnectionOptions silent = Quick with { QueueCapacity = 3, CreditWindow = 64, PingInterval = TimeSpan.FromMinutes(5), SilenceLimit = TimeSpan.FromMinutes(20) };
        using var plane = new Plane(Plane.Defaults(silent));
        Recorder client = plane.Connect();
        Recorder server = plane.NextServer();
        using var payload = new NativeBytes(10, seed: 1);
        client.Connection!.TrySend(Sending.Frame(payload, 100));
        Assert.Equal(100UL, server.Next().Header.Application.First);

        for (int i = 0; i < 20; i++)
            Assert.Equal(QueueOutcome.Queued, client.Connection.Send(Sending.Frame(payload, (ulong)i) with { MoreFollow = i < 19 }, Bounds.Generous));
        for (int i = 0; i < 20; i++)
            Assert.Equal((ulong)i, server.Next().Header.Application.First);
    }

    [Fact]
    public void Old_frames_are_dropped_from_the_queue_and_newer_ones_still_arrive()
    {
        using var plane = new Plane(Plane.Defaults(Quick with { CreditWindow = 1 }), serverHandler: () => new Recorder { ReturnsCredit = false });
        Recorder client = plane.Connect();
        Recorder server = plane.NextServer();
        using var payload = new NativeBytes(1000, seed: 1);
        var log = new SendLog();
        client.Connection!.TrySend(Sending.Frame(payload, 99, 0, log));
        server.Next();
        ulong[] epochs = [5, 4, 6, 4, 5, 6];
        for (int i = 0; i < epochs.Length; i++)
            client.Connection.TrySend(Sending.Frame(payload, (ulong)i, epochs[i], log));

        Assert.False(client.Connection.WaitReleased(6, TimeSpan.FromMilliseconds(20)));
        Assert.Equal(4, client.Connection.DropQueued(6));
        Assert.True(client.Connection.WaitReleased(6, Bounds.Generous));
        Assert.False(client.Connection.WaitReleased(7, TimeSpan.FromMilliseconds(20)));
        Assert.All(new ulong[] { 0, 1, 3, 4 }, s => Assert.Equal([SendOutcome.Dropped], log.Of(s)));
        Assert.Equal(0, client.Connection.DropQueued(6));

        server.Connection!.ReturnCredit();
        Assert.Equal(2UL, server.Next().Header.Application.First);
        server.Connection.ReturnCredit();
        Assert.Equal(5UL, server.Next().Header.Application.First);
        Assert.True(client.Connection.WaitReleased(7, Bounds.Generous));
        Assert.Equal(4, client.Connection.Counters.FramesDropped);
    }

    [Fact]
    public void Both_sides_may_send_all_they_can_at_once_without_a_deadlock()
    {
        // The sockets hold little, the windows are small, and each side sends from its reader thread's callbacks too.
        using var payload = new NativeBytes(1 << 20, seed: 1);
        var options = new ConnectionOptions { CreditWindow = 2, TcpReceiveBuffer = 16 * 1024, LocalSocketBuffer = 16 * 1024 };
        using var plane = new Plane(Plane.Defaults(options), serverHandler: () => new Recorder
        {
            KeepsPayloads = false,
            OnReceived = (c, _) => Assert.NotEqual(QueueOutcome.Closed, c.TrySend(Sending.Frame(payload))),
        });
        Recorder client = plane.Connect(new Recorder { KeepsPayloads = false });
        for (int i = 0; i < 60; i++)
            Assert.Equal(QueueOutcome.Queued, client.Connection!.Send(Sending.Frame(payload), Bounds.Generous));
        Bounds.Await(() => client.Connection!.Counters.FramesReceived == 60, "all come back");
    }

    [Fact]
    public void A_payload_over_the_limit_is_refused_at_the_sender()
    {
        using var plane = new Plane(Plane.Defaults(new ConnectionOptions { MaximumPayload = 100 }));
        Recorder client = plane.Connect();
        using var payload = new NativeBytes(101);
        Assert.Throws<ArgumentOutOfRangeException>(() => client.Connection!.TrySend(Sending.Frame(payload)));
        Assert.Throws<ArgumentException>(() => client.Connection!.TrySend(new OutgoingFrame { Length = 1 }));
    }
}
