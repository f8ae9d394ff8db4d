using System.Globalization;
using System.Net.Sockets;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.Joining;
using Lockstep.Transport.Security;
using Lockstep.Transport.Tests.Support;
using Xunit;

namespace Lockstep.Transport.Tests.Connections;

/// <summary>How a reader waits for what has not come yet.</summary>
public sealed class WaitingTests
{
    private static readonly TimeSpan? Look = TimeSpan.FromSeconds(0.5);
    private static readonly ConnectionOptions ThreeSeconds = new() { PingInterval = TimeSpan.FromSeconds(1), SilenceLimit = TimeSpan.FromSeconds(3) };

    // Linux wakes a read that waits on a Unix socket each time the peer takes something that was sent to it.
    [SkippableFact]
    public void A_reader_sleeps_through_what_the_peer_takes_of_what_was_sent()
    {
        const int Messages = 500;
        Skip.IfNot(OperatingSystem.IsLinux(), "counts a thread's sleeps on Linux");
        (Socket here, Socket there) = ConnectedPair();
        using (there)
        using (var carrier = new SocketCarrier(here))
        {
            carrier.Configure(new ConnectionOptions { SilenceLimit = Bounds.Generous });
            using var begun = new ManualResetEventSlim();
            (CarrierStatus Status, long Sleeps) read = default;
            var reader = new Thread(() =>
            {
                long before = SleepsOfThisThread();
                begun.Set();
                read = (carrier.Receive(new byte[1], out _), SleepsOfThisThread() - before);
            });
            reader.Start();
            Assert.True(begun.Wait(Bounds.Generous));
            byte[] message = new byte[64];
            for (int i = 0; i < Messages; i++)
            {
                Assert.Equal(CarrierStatus.Done, carrier.Send(message));
                for (int left = message.Length; left > 0;)
                    left -= there.Receive(message, left, SocketFlags.None);
            }
            there.Send(message, 1, SocketFlags.None);
            reader.Join();
            Assert.Equal(CarrierStatus.Done, read.Status);
            Assert.InRange(read.Sleeps, 0, Messages / 10);
        }
    }

    [Fact]
    public void A_peer_that_is_not_heard_for_the_limit_is_silent()
    {
        (int looks, CloseReason reason) = Read(Enumerable.Repeat(Look, 20));
        Assert.Equal((6, CloseKind.Silent), (looks, reason.Kind));
    }

    // A laptop that slept, a process that was stopped: the peer's pings of that time may lie there unread, or the peer slept too.
    [Fact]
    public void A_reader_that_was_stopped_itself_looks_once_more()
    {
        TimeSpan night = TimeSpan.FromHours(8);
        (int looks, CloseReason reason) = Read([Look, night, Look, Look]);
        Assert.Equal((3, CloseKind.Silent), (looks, reason.Kind));
        // Heard of in that last look.
        (looks, reason) = Read([Look, night, null, .. Enumerable.Repeat(Look, 20)]);
        Assert.Equal((3 + 6, CloseKind.Silent), (looks, reason.Kind));
    }

    [Fact]
    public void Under_TLS_too_a_reader_that_was_stopped_itself_looks_once_more()
    {
        PlaneIdentity identity = PlaneIdentity.OfToken(JoinToken.Generate());
        (Socket here, Socket there) = ConnectedPair();
        Deadline deadline = new(TimeProvider.System, Bounds.Generous);
        TlsCarrier? served = null;
        var server = new Thread(() => served = TlsCarrier.AsServer(there, deadline, TimeProvider.System, identity));
        server.Start();
        var time = new InterruptedTime();
        using TlsCarrier carrier = TlsCarrier.AsClient(here, deadline, time, identity);
        server.Join();
        using TlsCarrier peer = served!;
        carrier.Configure(ThreeSeconds with { PingInterval = TimeSpan.FromMilliseconds(100), SilenceLimit = TimeSpan.FromMilliseconds(300) });
        // What the handshake has left in the stream is out of the way.
        byte[] heard = new byte[1];
        Assert.Equal(CarrierStatus.Done, peer.Send([1]));
        Assert.Equal((CarrierStatus.Done, 1), (carrier.Receive(heard, out _), heard[0]));

        // The first look is asked of twice, when the read begins and when it does; the night passes in it, and the peer is heard of in the look after it.
        time.Interrupt(after: 2, TimeSpan.FromHours(8), onNextLook: () => Assert.Equal(CarrierStatus.Done, peer.Send([2])));
        Assert.Equal((CarrierStatus.Done, 2), (carrier.Receive(heard, out _), heard[0]));

        // Where it is not, it is silent.
        time.Interrupt(after: 2, TimeSpan.FromHours(8), onNextLook: () => { });
        Assert.Equal(CarrierStatus.TimedOut, carrier.Receive(heard, out _));
        Assert.Null(carrier.EncryptionFault);
    }

    // How often a reader looks until it gives its peer up: each look takes so long and finds nothing, or it finds a ping.
    private static (int Looks, CloseReason Reason) Read(IEnumerable<TimeSpan?> script)
    {
        (Socket here, Socket there) = ConnectedPair();
        using (there)
        {
            var time = new ScriptedTime();
            var carrier = new ScriptedCarrier(here, time, [.. script]);
            using var handler = new Recorder();
            using var connection = new DataConnection(carrier, ThreeSeconds with { Time = time }, handler, "peer", []);
            connection.Open(() => null);
            CloseReason reason = handler.WaitClosed();
            return (carrier.Looks, reason);
        }
    }

    private static (Socket Here, Socket There) ConnectedPair()
    {
        string folder = Directory.CreateTempSubdirectory("lockstep").FullName;
        try
        {
            var endpoint = new UnixDomainSocketEndPoint(Path.Combine(folder, "pair.sock"));
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(endpoint);
            listener.Listen(1);
            var here = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            here.Connect(endpoint);
            return (here, listener.Accept());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static long SleepsOfThisThread()
    {
        const string Name = "voluntary_ctxt_switches:";
        string line = File.ReadLines("/proc/thread-self/status").Single(line => line.StartsWith(Name, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(Name.Length), NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture);
    }

    private sealed class ScriptedTime : TimeProvider
    {
        private long _ticks = TimeSpan.TicksPerDay;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _ticks);

        public void Pass(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);
    }

    /// <summary>A clock that stands, but for a time that it skips.</summary>
    private sealed class InterruptedTime : TimeProvider
    {
        private long _ticks = TimeSpan.TicksPerDay;
        private long _skipped;
        private int _calls = int.MaxValue;
        private Action _onNextLook = () => { };

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        /// <param name="after">How many times it is asked before.</param>
        /// <param name="skipped">The time.</param>
        /// <param name="onNextLook">Done when it is asked for the third time after that: how long the read and the look took, and when the next look begins.</param>
        public void Interrupt(int after, TimeSpan skipped, Action onNextLook) => (_calls, _skipped, _onNextLook) = (after, skipped.Ticks, onNextLook);

        public override long GetTimestamp()
        {
            int left = _calls--;
            if (left == 0)
                _ticks += _skipped;
            else if (left == -2)
                _onNextLook();
            return _ticks;
        }
    }

    private sealed class ScriptedCarrier(Socket socket, ScriptedTime time, TimeSpan?[] script) : SocketCarrier(socket)
    {
        public int Looks { get; private set; }

        public override CarrierStatus Receive(Span<byte> destination, out int count)
        {
            count = 0;
            if (script[Looks++] is { } passes)
            {
                time.Pass(passes);
                return CarrierStatus.TimedOut;
            }
            count = FrameCodec.HeaderLength;
            FrameCodec.Encode(new FrameHeader(FrameType.Ping, 0, 0, Checksum.Of([]), default), destination);
            return CarrierStatus.Done;
        }
    }
}
