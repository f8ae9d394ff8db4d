using System.Collections.Concurrent;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Tests.Support;
using Xunit;

namespace Lockstep.Transport.Tests.Connections;

/// <summary>Small frames are sent by the threads that queue them, between the writer's own.</summary>
public sealed class SendingHereTests
{
    private const int Senders = 3;
    private const int FramesEach = 4_000;

    // No ping wakes a writer that missed something.
    private static readonly ConnectionOptions Silent = new()
    {
        PingInterval = TimeSpan.FromMinutes(5),
        SilenceLimit = TimeSpan.FromMinutes(20),
    };

    // In bursts whose arrival is awaited the writers sleep between them, and threads meet when they begin to send; without, when they end.
    [Theory]
    [InlineData(64, true)]
    [InlineData(64, false)]
    [InlineData(3, false)]
    public void Threads_of_both_ends_that_send_small_and_large_frames_at_once_have_each_arrive_once_and_in_order(int window, bool inBursts)
    {
        // Sent from where it lies: it has to outlive the connections.
        using var payload = new NativeBytes(3_000, seed: 1);
        var atServer = new Sequences();
        var atClient = new Sequences();
        using var plane = new Plane(Plane.Defaults(Silent with { CreditWindow = window }), serverHandler: atServer.Recorder);
        Recorder client = plane.Connect(atClient.Recorder());
        Recorder server = plane.NextServer();

        (Recorder End, Sequences Peer)[] ends = [(client, atServer), (server, atClient)];
        Thread[] threads = [.. from end in ends from sender in Enumerable.Range(0, Senders) select new Thread(() => Send(end.End.Connection!, payload, sender, inBursts ? end.Peer : null))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();

        Bounds.Await(
            () => (atServer.Count == Senders * FramesEach && atClient.Count == Senders * FramesEach) || !client.Connection!.IsOpen || !server.Connection!.IsOpen,
            "every frame arrives, or a connection ends");
        Assert.Null(client.Connection!.Reason);
        Assert.Null(server.Connection!.Reason);
        Assert.Empty(atServer.Faults);
        Assert.Empty(atClient.Faults);
        Assert.Equal(client.Connection.Counters.FramesSent, server.Connection!.Counters.FramesReceived);
        Assert.Equal(server.Connection.Counters.FramesSent, client.Connection.Counters.FramesReceived);
    }

    private static void Send(DataConnection connection, NativeBytes payload, int sender, Sequences? awaited)
    {
        for (int i = 0; i < FramesEach; i++)
        {
            // Every ninth is the writer's; of the others some wait for the next.
            int length = i % 9 == 8 ? payload.Length : i % 50;
            OutgoingFrame frame = Sending.Frame(payload, state: (ulong)sender, epoch: (ulong)i, length: length) with { MoreFollow = i % 4 == 1 && i < FramesEach - 1 };
            if (connection.Send(frame, Bounds.Generous) != QueueOutcome.Queued)
                return;
            if (awaited is not null && i % 4 == 3 && !SpinWait.SpinUntil(() => awaited.CountOf(sender) > i, Bounds.Generous))
                return;
        }
    }

    /// <summary>What came, by the sender that the frame names.</summary>
    private sealed class Sequences
    {
        private readonly ulong[] _next = new ulong[Senders];
        private int _count;

        public ConcurrentQueue<string> Faults { get; } = [];

        public int CountOf(int sender) => (int)Volatile.Read(ref _next[sender]);

        public int Count => Volatile.Read(ref _count);

        public Recorder Recorder() => new()
        {
            KeepsPayloads = false,
            OnReceived = (_, header) =>
            {
                ulong expected = _next[header.Application.First];
                Volatile.Write(ref _next[header.Application.First], expected + 1);
                if (header.Application.Second != expected)
                    Faults.Enqueue($"sender {header.Application.First}: frame {header.Application.Second} came where {expected} was due");
                Interlocked.Increment(ref _count);
            },
        };
    }
}
