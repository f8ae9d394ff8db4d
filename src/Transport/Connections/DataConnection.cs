using System.Net;

namespace Lockstep.Transport.Connections;

/// <summary>
/// A connection that passed the handshake: frames both ways, straight from and to the owner's memory, on two threads of
/// its own. Pings, pongs and credit go ahead of data and need no credit, so a receiver that is slow to give back its
/// buffers never looks dead. All methods may be called from any thread.
/// </summary>
public sealed unsafe class DataConnection : IDisposable
{
    private const int StackBytes = 256 * 1024;

    private readonly ConnectionOptions _options;
    private readonly IFrameHandler _handler;
    private readonly SocketCarrier _carrier;
    private readonly Outbox _outbox;
    private readonly ConnectionWriter _sender;
    private readonly Thread _reader;
    private readonly Thread _writer;
    private readonly ManualResetEventSlim _closed = new();
    private readonly Lock _starting = new();
    private CloseReason? _reason;
    private Exception? _lateFailure;
    private int _running = 2;
    private bool _started;
    private bool _saidGoodbye;
    private long _pingSent;
    private long _roundTripTicks;

    internal DataConnection(SocketCarrier carrier, ConnectionOptions options, IFrameHandler handler, string peer, byte[] welcome)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Payloads are little-endian numbers read in place: a big-endian machine cannot take part.");
        options.Validate();
        _options = options;
        _handler = handler;
        Peer = peer;
        Welcome = welcome;
        LocalAddress = (carrier.Socket.LocalEndPoint as IPEndPoint)?.Address;
        _carrier = carrier;
        _outbox = new Outbox(options, Counters);
        var reader = new ConnectionReader(this, handler, _outbox, _carrier, options);
        _sender = new ConnectionWriter(this, _outbox, _carrier);
        _reader = ThreadFor(reader.Run, "data reader");
        _writer = ThreadFor(_sender.Run, "data writer");
    }

    /// <summary>Who is at the other end, for messages.</summary>
    public string Peer { get; }

    /// <summary>This machine's address on the way to the peer; null for a Unix domain socket.</summary>
    public IPAddress? LocalAddress { get; }

    /// <summary>What the server answered to the hello: on the client what it received, on the server what it sent.</summary>
    public ReadOnlyMemory<byte> Welcome { get; }

    /// <summary>What went over it so far.</summary>
    public ConnectionCounters Counters { get; } = new();

    /// <summary>Whether nothing has ended it yet.</summary>
    public bool IsOpen => Volatile.Read(ref _reason) is null;

    /// <summary>Why it ended, or null while it is open.</summary>
    public CloseReason? Reason => Volatile.Read(ref _reason);

    /// <summary>Of the latest ping that was answered, including the time behind frames under way; null before the first.</summary>
    public TimeSpan? RoundTrip => Volatile.Read(ref _roundTripTicks) is > 0 and long ticks ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>Data frames that wait for the writer.</summary>
    public int QueuedFrames => _outbox.CountQueued();

    internal bool SaidGoodbye => Volatile.Read(ref _saidGoodbye);

    /// <summary>Queues a data frame, or says at once why not.</summary>
    /// <exception cref="ArgumentException">The payload is missing, or longer than the connection allows.</exception>
    public QueueOutcome TrySend(in OutgoingFrame frame) => Send(in frame, TimeSpan.Zero);

    /// <summary>Queues a data frame, or sends it at once where it is small and nothing is in its way, waiting for room up to <paramref name="patience"/>. Never called from a handler or observer.</summary>
    /// <exception cref="ArgumentException">The payload is missing, or longer than the connection allows.</exception>
    public QueueOutcome Send(in OutgoingFrame frame, TimeSpan patience)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(frame.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(frame.Length, _options.MaximumPayload);
        if (frame.Payload is null && frame.Length > 0)
            throw new ArgumentException($"A payload of {frame.Length} bytes needs a pointer.", nameof(frame));
        QueueOutcome outcome = _outbox.Queue(in frame, patience, out bool sendHere);
        if (sendHere)
            _sender.SendHere();
        return outcome;
    }

    /// <summary>
    /// Takes back the queued data frames whose <see cref="OutgoingFrame.Epoch"/> is less than <paramref name="olderThan"/>; their
    /// observers hear <see cref="SendOutcome.Dropped"/> on this thread. A frame that the writer has begun is finished.
    /// </summary>
    /// <returns>How many.</returns>
    public int DropQueued(ulong olderThan) => _outbox.DropOlder(olderThan);

    /// <summary>
    /// Waits until no data frame with an <see cref="OutgoingFrame.Epoch"/> less than <paramref name="olderThan"/> is queued or being
    /// sent, and the observers of all such frames have been told. Never called from a handler or observer.
    /// </summary>
    /// <returns>False if that did not happen within <paramref name="patience"/>.</returns>
    public bool WaitReleased(ulong olderThan, TimeSpan patience) => _outbox.WaitReleased(olderThan, patience);

    /// <summary>Lets the peer send so many more data frames: one for each received frame whose memory is free again.</summary>
    /// <exception cref="InvalidOperationException">More is returned than was received.</exception>
    public void ReturnCredit(int count = 1) => _outbox.ReturnCredit(count);

    /// <summary>
    /// Ends the connection in order: what is queued is still sent, for at most <paramref name="linger"/>, then a goodbye with the
    /// text. Does not wait; <see cref="IFrameHandler.Closed"/> comes when the peer has closed too, or after the silence limit.
    /// </summary>
    public void Close(string text, TimeSpan linger) => _outbox.RequestClose(text, linger);

    /// <summary>Waits until <see cref="IFrameHandler.Closed"/> has been called.</summary>
    public bool WaitClosed(TimeSpan patience) => _closed.Wait(patience);

    /// <summary>
    /// Ends the connection at once and waits for its two threads, unless it is called on one of them: afterwards no memory
    /// of the owner is touched. Must not be called under a lock that the handler takes.
    /// </summary>
    public void Dispose()
    {
        Fail(CloseKind.Local, "closed by this side");
        lock (_starting)
        {
            if (!_started || Thread.CurrentThread == _reader || Thread.CurrentThread == _writer)
                return;
        }
        _reader.Join();
        _writer.Join();
    }

    /// <summary>Tells the handler, does the last thing of the handshake, and starts the two threads.</summary>
    /// <param name="finishHandshake">
    /// Answers what went wrong, or null. Then the connection ends as any other does: the handler hears <see cref="IFrameHandler.Closed"/>.
    /// </param>
    internal void Open(Func<string?> finishHandshake)
    {
        try
        {
            _handler.Opened(this);
            if (finishHandshake() is { } fault)
                Fail(CloseKind.Reset, fault);
        }
        catch (Exception e)
        {
            Fail(CloseKind.HandlerFailed, $"closed because this side's handler failed: {e.Message}", e);
        }
        _carrier.Configure(_options);
        lock (_starting)
        {
            _started = true;
            _reader.Start();
            _writer.Start();
        }
    }

    /// <summary>The first reason counts; both threads wake and end.</summary>
    internal void Fail(CloseKind kind, string text, Exception? cause = null)
    {
        if (Interlocked.CompareExchange(ref _reason, new CloseReason(kind, Peer, text, cause), null) is not null)
            return;
        _outbox.Stop();
        _carrier.Abort();
    }

    internal void NotePing(long timestamp) => Volatile.Write(ref _pingSent, timestamp);

    internal void NotePong(long timestamp)
    {
        // Only the latest ping is measured; an echo of anything else says nothing.
        if (timestamp == Volatile.Read(ref _pingSent))
            Volatile.Write(ref _roundTripTicks, Math.Max(1, _options.Time.GetElapsedTime(timestamp).Ticks));
    }

    private Thread ThreadFor(Action work, string name) =>
        new(() => RunUntilEnd(work), StackBytes) { IsBackground = true, Name = name };

    private void RunUntilEnd(Action work)
    {
        try
        {
            work();
        }
        catch (Exception e)
        {
            Fail(CloseKind.HandlerFailed, $"closed because this side's handler failed: {e.Message}", e);
        }
        if (Thread.CurrentThread == _writer)
            Volatile.Write(ref _saidGoodbye, true);
        if (Interlocked.Decrement(ref _running) == 0)
            Finish();
    }

    /// <summary>Runs on whichever thread ends last, so that nothing can follow it.</summary>
    private void Finish()
    {
        bool dropped = false;
        while (!dropped)
        {
            try
            {
                _outbox.DropOlder(0, all: true);
                dropped = true;
            }
            catch (Exception e)
            {
                // The frames behind a failing observer still have owners who wait for them.
                _lateFailure ??= e;
            }
        }
        _carrier.Dispose();
        CloseReason reason = _reason!;
        _handler.Closed(this, reason.Cause is null && _lateFailure is not null ? reason with { Cause = _lateFailure } : reason);
        _closed.Set();
    }
}
