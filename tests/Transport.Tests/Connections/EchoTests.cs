using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.Tests.Support;
using Xunit;

namespace Lockstep.Transport.Tests.Connections;

public sealed unsafe class EchoTests
{
    private static readonly int[] Lengths = [0, 1, 63, 64, 4031, 4032, 4033, 4095, 4096, 4097, 16_384, 16_385, 65_537, 262_144, (1 << 20) - 1, 1 << 20];

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Payloads_of_every_size_arrive_whole_in_order_both_ways_at_once(bool unix, bool encrypted)
    {
        using var plane = new Plane(encrypted ? Plane.Encrypted() : Plane.Defaults(), unix);
        Recorder client = plane.Connect();
        Recorder server = plane.NextServer();
        using var up = new NativeBytes(1 << 20, seed: 1);
        using var down = new NativeBytes(1 << 20, seed: 2);
        var log = new SendLog();
        for (int round = 0; round < 6; round++)
        {
            for (int i = 0; i < Lengths.Length; i++)
            {
                ulong state = (ulong)(round * Lengths.Length + i);
                Assert.Equal(QueueOutcome.Queued, client.Connection!.Send(Sending.Frame(up, state, 0, log, Lengths[i]), Bounds.Generous));
                Assert.Equal(QueueOutcome.Queued, server.Connection!.Send(Sending.Frame(down, state, 1, log, Lengths[i]), Bounds.Generous));
            }
        }
        for (int i = 0; i < 6 * Lengths.Length; i++)
        {
            Check(server.Next(), i, up);
            Check(client.Next(), i, down);
        }
        Assert.True(client.Connection!.WaitReleased(ulong.MaxValue, Bounds.Generous));
        Assert.True(server.Connection!.WaitReleased(ulong.MaxValue, Bounds.Generous));
        Assert.Equal(12 * Lengths.Length, log.Count(SendOutcome.Sent));
        Assert.Equal(6 * Lengths.Length, client.Connection!.Counters.FramesSent);
        Assert.Equal(6 * Lengths.Length, client.Connection.Counters.FramesReceived);
        Assert.True(client.Connection.Counters.BytesSent > 6L * Lengths.Sum());
    }

    [Fact]
    public void Several_connections_do_not_disturb_each_other()
    {
        using var plane = new Plane();
        Recorder[] clients = [.. Enumerable.Range(0, 4).Select(_ => plane.Connect())];
        Recorder[] servers = [.. clients.Select(_ => plane.NextServer())];
        NativeBytes[] payloads = [.. clients.Select((_, i) => new NativeBytes(100_000, seed: i))];
        for (int round = 0; round < 10; round++)
        {
            for (int i = 0; i < clients.Length; i++)
                clients[i].Connection!.Send(Sending.Frame(payloads[i], (ulong)round), Bounds.Generous);
        }
        for (int i = 0; i < servers.Length; i++)
        {
            for (int round = 0; round < 10; round++)
                Check(servers[i].Next(), round, payloads[i]);
        }
        clients[0].Connection!.Dispose();
        Assert.Equal(CloseKind.Reset, servers[0].WaitClosed().Kind);
        Assert.All(clients[1..], c => Assert.True(c.Connection!.IsOpen));
        Array.ForEach(payloads, p => p.Dispose());
    }

    [Fact]
    public void A_checksum_that_the_sender_knows_already_is_used_and_a_wrong_one_is_noticed()
    {
        using var plane = new Plane();
        Recorder client = plane.Connect();
        Recorder server = plane.NextServer();
        using var payload = new NativeBytes(5000, seed: 1);
        OutgoingFrame frame = Sending.Frame(payload) with { Checksum = Checksum.Of(payload.Span) };
        client.Connection!.TrySend(in frame);
        Check(server.Next(), 0, payload);
        client.Connection.TrySend(frame with { Checksum = 1 });
        CloseReason reason = server.WaitClosed();
        Assert.Equal(CloseKind.Damaged, reason.Kind);
        Assert.Contains("127.0.0.1", reason.Peer, StringComparison.Ordinal);
        Assert.Equal([FrameFault.PayloadChecksum], server.Abandoned);
        Assert.Equal(1, server.Connection!.Counters.Damaged);
    }

    [Fact]
    public void Frames_sent_from_the_opening_arrive_after_the_welcome()
    {
        using var payload = new NativeBytes(1000, seed: 1);
        using var plane = new Plane(serverHandler: () => new Recorder { OnOpened = c => c.TrySend(Sending.Frame(payload)) });
        Check(plane.Connect().Next(), 0, payload);
    }

    [Fact]
    public void Unwanted_payloads_are_passed_over_and_their_credit_comes_back()
    {
        using var plane = new Plane(
            Plane.Defaults(new ConnectionOptions { CreditWindow = 2 }),
            serverHandler: () => new Recorder { OnLand = h => h.Application.First % 4 == 0 ? null : Landing.Discard });
        Recorder client = plane.Connect();
        Recorder server = plane.NextServer();
        using var payload = new NativeBytes(200_000, seed: 1);
        for (int i = 0; i < 40; i++)
            client.Connection!.Send(Sending.Frame(payload, (ulong)i), Bounds.Generous);
        for (int i = 0; i < 40; i += 4)
            Check(server.Next(), i, payload);
        Bounds.Await(() => server.Connection!.Counters.FramesDiscarded == 30, "30 are discarded");
    }

    [Fact]
    public void Nothing_is_allocated_for_a_frame_in_steady_state()
    {
        const int Warm = 2000, Measured = 2000;
        var reader = new List<long>(Warm + Measured);
        var observer = new AllocationObserver(Warm + Measured);
        using var plane = new Plane(serverHandler: () => new Recorder
        {
            KeepsPayloads = false,
            OnReceived = (_, _) => reader.Add(GC.GetAllocatedBytesForCurrentThread()),
        });
        Recorder client = plane.Connect();
        plane.NextServer();
        using var payload = new NativeBytes(20_000, seed: 1);
        for (int i = 0; i < Warm + Measured; i++)
            client.Connection!.Send(Sending.Frame(payload, 0, 0, observer), Bounds.Generous);
        Bounds.Await(() => Volatile.Read(ref observer.Count) == Warm + Measured, "all are sent");
        Bounds.Await(() => plane.Admitted.Count == 0 && client.Connection!.Counters.FramesSent == Warm + Measured, "all are counted");
        client.Connection!.Close("done", Bounds.Generous);
        client.WaitClosed();
        Assert.Equal(Warm + Measured, reader.Count);
        Assert.Equal(0, observer.Allocated[^1] - observer.Allocated[Warm]);
        Assert.Equal(0, reader[^1] - reader[Warm]);
    }

    private static void Check((FrameHeader Header, byte[] Payload) frame, int index, NativeBytes expected)
    {
        Assert.Equal((ushort)3, frame.Header.Kind);
        Assert.Equal((ulong)index, frame.Header.Application.First);
        Assert.True(frame.Payload.AsSpan().SequenceEqual(expected.Span[..frame.Payload.Length]), "the payload differs");
        Assert.Equal(frame.Header.PayloadLength, frame.Payload.Length);
    }

    private sealed class AllocationObserver(int capacity) : ISendObserver
    {
        public int Count;

        public long[] Allocated { get; } = new long[capacity];

        public void Completed(in OutgoingFrame frame, SendOutcome outcome)
        {
            Allocated[Count] = GC.GetAllocatedBytesForCurrentThread();
            Interlocked.Increment(ref Count);
        }
    }
}
