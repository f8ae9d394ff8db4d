using System.Net;
using System.Net.Sockets;
using Lockstep.Protocol.DataPlane;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.Joining;

namespace Lockstep.Simulation.Measuring;

/// <summary>What frames cost, over a real connection of this process with itself.</summary>
internal sealed class FrameMeter : IDoorkeeper, IDisposable
{
    private const int Repetitions = 20;
    private const double SecondsEach = 0.4;
    private const int BurstFrames = 256;
    private const int RoundTrips = 200;

    /// <summary>A way there and back wakes a writer and a reader on either side.</summary>
    private const int HopsOfARoundTrip = 4;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly LeastDisturbed _meter;
    private readonly TimeProvider _time;
    private readonly DataListener _listener;
    private readonly Echo _server = new();
    private readonly Echo _client = new();

    /// <param name="folder">An empty folder for a Unix domain socket; null for TCP over loopback.</param>
    /// <param name="time">The clock.</param>
    public FrameMeter(string? folder, TimeProvider time)
    {
        (_meter, _time) = (new LeastDisturbed(time), time);
        var options = new JoinOptions
        {
            Token = JoinToken.Generate(),
            ProtocolVersion = 1,
            BuildFingerprint = "measuring",
            Connection = new ConnectionOptions { CreditWindow = DataPlaneLimits.CreditFrames, QueueCapacity = DataPlaneLimits.QueuedFrames },
        };
        _listener = new DataListener(folder is null ? DataEndpoint.Tcp("127.0.0.1", 0) : DataEndpoint.Unix(Path.Combine(folder, "data")), options, this);
        DataConnector.Connect(_listener.Endpoint, options, [], _client);
    }

    /// <summary>Seconds that an empty frame costs at the end where it costs more, when many come one after the other.</summary>
    public double Frame() => _meter.Measure(Repetitions, SecondsEach, () =>
    {
        _server.Expect(BurstFrames);
        for (int i = 0; i < BurstFrames; i++)
            _client.Send();
        _server.Await(Patience);
    }) / BurstFrames;

    /// <summary>Seconds until a thread runs that waits: what a lone empty frame takes beyond what it costs.</summary>
    /// <param name="frame">What an empty frame costs.</param>
    public double Wake(double frame)
    {
        _server.Echoes = true;
        var taken = new List<double>();
        long beginning = _time.GetTimestamp();
        while (taken.Count < RoundTrips && (taken.Count == 0 || _time.GetElapsedTime(beginning).TotalSeconds < SecondsEach))
        {
            _client.Expect(1);
            long start = _time.GetTimestamp();
            _client.Send();
            _client.Await(Patience);
            taken.Add(_time.GetElapsedTime(start).TotalSeconds);
        }
        return Math.Max(0, (LeastDisturbed.Of(taken, seconds => seconds) / HopsOfARoundTrip) - frame);
    }

    /// <summary>Seconds a byte that the system takes to bring bytes into a socket or out of one: the mean of both.</summary>
    public double CopyPerByte()
    {
        const int Chunk = 64 * 1024;
        const int Chunks = 16;
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        // Room for a whole chunk on the way: one thread sends it and then takes it.
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = 8 * Chunk, ReceiveBufferSize = 8 * Chunk };
        listener.ReceiveBufferSize = 8 * Chunk;
        HostLocalTcp.PrepareClient(sender, listener.LocalEndPoint!);
        sender.Connect(listener.LocalEndPoint!);
        using Socket receiver = listener.Accept();
        byte[] from = new byte[Chunk * Chunks], to = new byte[Chunk * Chunks];
        double seconds = new LeastDisturbed(ProcessorTime.Or(_time)).Measure(Repetitions, SecondsEach, () =>
        {
            for (int chunk = 0; chunk < Chunks; chunk++)
            {
                sender.Send(from.AsSpan(chunk * Chunk, Chunk));
                for (int received = 0; received < Chunk;)
                    received += receiver.Receive(to.AsSpan((chunk * Chunk) + received, Chunk - received));
            }
        });
        return seconds / (2.0 * Chunk * Chunks);
    }

    Admission IDoorkeeper.Decide(JoinRequest request) => Admission.Welcome([], _server);

    void IDoorkeeper.TurnedAway(TurnedAway who)
    {
        // A stranger on loopback; the measurement goes on.
    }

    public void Dispose()
    {
        _client.Dispose();
        _server.Dispose();
        _listener.Dispose();
    }

    private sealed class Echo : IFrameHandler, IDisposable
    {
        private readonly ManualResetEventSlim _opened = new();
        private readonly ManualResetEventSlim _done = new();
        private DataConnection? _connection;
        private int _missing;
        private volatile bool _echoes;

        /// <summary>Whether each frame is answered by one.</summary>
        public bool Echoes
        {
            set => _echoes = value;
        }

        public void Expect(int frames)
        {
            _done.Reset();
            Volatile.Write(ref _missing, frames);
        }

        public void Await(TimeSpan patience)
        {
            if (!_done.Wait(patience))
                throw new TimeoutException($"A connection of this process with itself brought no frame for {patience.TotalSeconds:0} s.");
        }

        public void Send()
        {
            _opened.Wait(Patience);
            _connection!.Send(new OutgoingFrame { Kind = 1, Epoch = ulong.MaxValue }, Patience);
        }

        public void Opened(DataConnection connection)
        {
            _connection = connection;
            _opened.Set();
        }

        public Landing Land(DataConnection connection, in FrameHeader header) => Landing.Discard;

        public void Received(DataConnection connection, in FrameHeader header, nint landed)
        {
            connection.ReturnCredit();
            if (_echoes)
                connection.TrySend(new OutgoingFrame { Kind = 1, Epoch = ulong.MaxValue });
            if (Interlocked.Decrement(ref _missing) == 0)
                _done.Set();
        }

        public void Abandoned(DataConnection connection, in FrameHeader header, nint landed, FrameFault fault)
        {
            // No frame has a payload.
        }

        public void Closed(DataConnection connection, CloseReason reason)
        {
            // The measurement has ended, or its patience will.
        }

        public void Dispose() => _connection?.Dispose();
    }
}
