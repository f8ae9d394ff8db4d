using Lockstep.Transport.Connections;
using Lockstep.Transport.Joining;
using Lockstep.Transport.Tests.Support;
using Xunit;

namespace Lockstep.Transport.Tests.Connections;

public sealed class FaultyWireTests
{
    private const int PayloadLength = 3000;
    private const int Frames = 6;

    private static readonly ConnectionOptions Quick = new()
    {
        PingInterval = TimeSpan.FromMilliseconds(50),
        SilenceLimit = TimeSpan.FromSeconds(5),
    };

    public static TheoryData<bool, bool> Faults => new() { { true, false }, { false, false }, { true, true }, { false, true } };

    /// <summary>Cut or flipped at any byte, up or down: no wrong payload is ever delivered, everybody hears the end, nobody hangs.</summary>
    [Theory]
    [MemberData(nameof(Faults))]
    public void A_fault_at_any_byte_ends_the_connection_and_delivers_nothing_wrong(bool upstream, bool flip)
    {
        using var payload = new NativeBytes(PayloadLength, seed: 1);
        var random = new Random(upstream ? 1 : 2);
        using var plane = new Plane(Plane.Defaults(Quick), serverHandler: () => new Recorder());
        for (int round = 0; round < 60; round++)
        {
            // The first rounds strike in the handshake, which is a few hundred bytes long.
            long at = round < 15 ? random.Next(500) : random.Next(PayloadLength * Frames);
            using var wire = new FaultyWire(plane.Listener.Endpoint, at, upstream, flip ? (byte)(1 << random.Next(8)) : null);
            using var client = new Recorder();
            var log = new SendLog();
            try
            {
                DataConnector.Connect(wire.Endpoint, plane.Options, "hello"u8, client);
            }
            catch (JoinException)
            {
                Assert.Equal(0, client.OpenedCalls);
                Discard(plane);
                continue;
            }
            Recorder server = plane.NextServer();
            Bounds.Await(() => server.Connection is not null, "it is open");
            int queued = 0;
            for (ulong i = 0; i < Frames; i++)
            {
                if (client.Connection!.TrySend(Sending.Frame(payload, i, 0, log)) == QueueOutcome.Queued)
                    queued++;
                server.Connection!.TrySend(Sending.Frame(payload, i, 1, null));
            }
            CloseKind first = client.WaitClosed().Kind;
            CloseKind second = server.WaitClosed().Kind;
            Assert.Contains(flip ? CloseKind.Damaged : CloseKind.Reset, new[] { first, second, Loosely(first), Loosely(second) });
            Assert.Equal((1, 1), (client.ClosedCalls, server.ClosedCalls));
            foreach (Recorder side in new[] { client, server })
            {
                ulong expected = 0;
                foreach ((var header, byte[] bytes) in side.Frames)
                {
                    Assert.Equal(expected++, header.Application.First);
                    Assert.True(bytes.AsSpan().SequenceEqual(payload.Span), "a wrong payload was delivered");
                }
            }
            Assert.Equal(queued, log.Count(SendOutcome.Sent) + log.Count(SendOutcome.Dropped));
        }
        // The listener has survived all of it.
        plane.Connect();
    }

    /// <summary>A flipped version number reads as another version, which is a refusal rather than damage.</summary>
    private static CloseKind Loosely(CloseKind kind) => kind == CloseKind.Refused ? CloseKind.Damaged : kind;

    private static void Discard(Plane plane)
    {
        // The server may have let it in before the wire broke: then it hears of the end too.
        while (plane.Admitted.TryTake(out Recorder? server, 50))
            server.WaitClosed();
    }
}
