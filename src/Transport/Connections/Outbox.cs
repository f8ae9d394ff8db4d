using Lockstep.Transport.Frames;

namespace Lockstep.Transport.Connections;

/// <summary>What the writer shall send next.</summary>
internal struct NextFrame
{
    /// <summary>0 when there is nothing more to send.</summary>
    public FrameType Type;

    /// <summary>Of a <see cref="FrameType.Data"/> frame.</summary>
    public OutgoingFrame Data;

    /// <summary>The echo of a pong, the timestamp of a ping, or the count of a credit.</summary>
    public ulong Value;

    /// <summary>Of a <see cref="FrameType.Close"/> frame.</summary>
    public string? Text;
}

/// <summary>
/// Everything that waits to be sent, and the credit for it, behind one lock: the only place where the reader, the
/// writer and the callers of a connection meet. No call of the owner's code is made under the lock.
/// </summary>
internal sealed class Outbox(ConnectionOptions options, ConnectionCounters counters)
{
    /// <summary>Frames with no longer payload travel together in one call, as many as wait.</summary>
    public const int Small = 256;

    private readonly object _gate = new();
    private readonly SendQueue _queue = new(options.QueueCapacity);
    private readonly CreditLedger _credit = new(options.CreditWindow);
    private readonly TimeProvider _time = options.Time;
    private long _pingDue = options.Time.GetTimestamp();
    private ulong? _pong;
    private ulong? _inFlightEpoch;
    private int _dropping;
    private string? _closeText;
    private long _closeBy;
    private bool _closeTaken;
    private bool _stopped;

    // Threads that wait for room or for frames to be released, and whether the writer waits for something to send.
    private int _othersWait;
    private bool _writerWaits;

    // Whether a thread that queued small frames sends them itself; the writer leaves the socket alone meanwhile.
    private bool _isSentHere;

    /// <summary>The text that this side closes with, or null while it does not.</summary>
    public string? CloseText => Volatile.Read(ref _closeText);

    public int CountQueued()
    {
        lock (_gate)
            return _queue.Count;
    }

    /// <param name="frame">The frame.</param>
    /// <param name="patience">How long to wait for room.</param>
    /// <param name="sendHere">
    /// Whether the caller now has to send the small frames that wait, up to the first other one, and then to call <see cref="EndSendingHere"/>: the writer sleeps, and waking it
    /// would take longer.
    /// </param>
    public QueueOutcome Queue(in OutgoingFrame frame, TimeSpan patience, out bool sendHere)
    {
        long deadline = DeadlineAfter(patience);
        sendHere = false;
        lock (_gate)
        {
            while (!_stopped && _closeText is null)
            {
                if (!_queue.IsFull)
                {
                    _queue.Enqueue(in frame);
                    if (frame.MoreFollow)
                        return QueueOutcome.Queued;
                    if (_writerWaits && !_isSentHere && NextIsSmall)
                        sendHere = _isSentHere = true;
                    else
                        Wake();
                    return QueueOutcome.Queued;
                }
                // The writer may not know yet of what fills it.
                Wake();
                if (!WaitForOthers(deadline))
                    return QueueOutcome.Full;
            }
            return QueueOutcome.Closed;
        }
    }

    /// <summary>The caller of <see cref="Queue"/> has sent what it could; the rest is the writer's.</summary>
    public void EndSendingHere()
    {
        lock (_gate)
        {
            _isSentHere = false;
            Wake();
        }
    }

    /// <summary>Takes queued frames of older epochs back, or simply all.</summary>
    public int DropOlder(ulong than, bool all = false)
    {
        int count = 0;
        while (true)
        {
            OutgoingFrame frame;
            lock (_gate)
            {
                if (all && _queue.Count > 0)
                    frame = _queue.Dequeue();
                else if (!_queue.TryRemoveOlder(than, out frame))
                    return count;
                _dropping++;
            }
            count++;
            counters.CountDropped();
            Complete(in frame, SendOutcome.Dropped);
        }
    }

    public bool WaitReleased(ulong olderThan, TimeSpan patience)
    {
        long deadline = DeadlineAfter(patience);
        lock (_gate)
        {
            while (_dropping > 0 || _inFlightEpoch < olderThan || _queue.HasOlder(olderThan))
            {
                if (!WaitForOthers(deadline))
                    return false;
            }
            return true;
        }
    }

    public void ReturnCredit(int count)
    {
        lock (_gate)
        {
            _credit.Return(count);
            Wake();
        }
    }

    /// <summary>A data frame came in; false if the peer had no credit for it.</summary>
    public bool TryReceiveData()
    {
        lock (_gate)
        {
            if (!_credit.TryReceive())
                return false;
            Wake();
            return true;
        }
    }

    /// <summary>Credit came in; false if it is more than any window.</summary>
    public bool TryGain(ulong count)
    {
        lock (_gate)
        {
            if (!_credit.TryGain(count))
                return false;
            Wake();
            return true;
        }
    }

    public void RequestPong(ulong echo)
    {
        lock (_gate)
        {
            _pong = echo;
            Wake();
        }
    }

    public void RequestClose(string text, TimeSpan linger)
    {
        lock (_gate)
        {
            if (_closeText is not null)
                return;
            _closeBy = DeadlineAfter(linger);
            Volatile.Write(ref _closeText, text);
            Monitor.PulseAll(_gate);
        }
    }

    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits for the next frame to send: control frames first, then data while there is credit.</summary>
    public NextFrame Take()
    {
        lock (_gate)
        {
            while (_isSentHere || (!_stopped && !_closeTaken))
            {
                if (_isSentHere)
                {
                    WaitAsWriter(After(_time.GetTimestamp(), options.PingInterval));
                    continue;
                }
                long now = _time.GetTimestamp();
                if (_pong is { } echo)
                {
                    _pong = null;
                    return new NextFrame { Type = FrameType.Pong, Value = echo };
                }
                if (_credit.IsGrantDue)
                    return new NextFrame { Type = FrameType.Credit, Value = (ulong)_credit.TakePending() };
                if (now >= _pingDue)
                {
                    _pingDue = After(now, options.PingInterval);
                    return new NextFrame { Type = FrameType.Ping, Value = (ulong)now };
                }
                if (_closeText is not null && (_queue.Count == 0 || now >= _closeBy))
                {
                    _closeTaken = true;
                    return new NextFrame { Type = FrameType.Close, Text = _closeText };
                }
                if (_queue.Count > 0 && _credit.Sendable > 0)
                {
                    _credit.Spend();
                    OutgoingFrame data = _queue.Dequeue();
                    _inFlightEpoch = data.Epoch;
                    Wake();
                    return new NextFrame { Type = FrameType.Data, Data = data };
                }
                WaitAsWriter(_closeText is null ? _pingDue : Math.Min(_pingDue, _closeBy));
            }
            return default;
        }
    }

    /// <summary>
    /// Takes one more data frame to be sent in the same call as one that was taken before, where it is small, nobody watches it, and nothing must go ahead of it.
    /// <see cref="Complete"/> of the first one is then that of all.
    /// </summary>
    public bool TryTakeMore(out OutgoingFrame frame)
    {
        lock (_gate)
        {
            frame = default;
            if (!NextIsSmall)
                return false;
            _credit.Spend();
            frame = _queue.Dequeue();
            _inFlightEpoch = Math.Min(_inFlightEpoch ?? frame.Epoch, frame.Epoch);
            return true;
        }
    }

    /// <summary>Whether a frame may be sent together with others.</summary>
    public static bool IsSmall(in OutgoingFrame frame) => frame.Length <= Small && frame.Observer is null;

    /// <summary>Tells the observer, and then those who wait for the memory.</summary>
    public void Complete(in OutgoingFrame frame, SendOutcome outcome, bool wasInFlight = false)
    {
        try
        {
            frame.Observer?.Completed(in frame, outcome);
        }
        finally
        {
            lock (_gate)
            {
                if (wasInFlight)
                    _inFlightEpoch = null;
                else
                    _dropping--;
                Wake();
            }
        }
    }

    private long DeadlineAfter(TimeSpan patience) => After(_time.GetTimestamp(), patience);

    private long After(long timestamp, TimeSpan time)
    {
        double ticks = time.TotalSeconds * _time.TimestampFrequency;
        return ticks >= long.MaxValue / 4.0 ? long.MaxValue : timestamp + (long)ticks;
    }

    // Whether what goes next is a small data frame and may go.
    private bool NextIsSmall =>
        !_stopped && _closeText is null && _pong is null && !_credit.IsGrantDue && _credit.Sendable > 0 && _queue.Count > 0 && IsSmall(_queue.First);

    private bool HasSomethingToSend =>
        _stopped || _closeText is not null || _pong is not null || _credit.IsGrantDue || (_credit.Sendable > 0 && _queue.Count > 0);

    // Nobody is woken in vain: a thread that wakes for nothing takes a core from one that computes.
    private void Wake()
    {
        if (_othersWait > 0 || (_writerWaits && !_isSentHere && HasSomethingToSend))
            Monitor.PulseAll(_gate);
    }

    private void WaitAsWriter(long deadline)
    {
        _writerWaits = true;
        WaitUntil(deadline);
        _writerWaits = false;
    }

    private bool WaitForOthers(long deadline)
    {
        _othersWait++;
        bool waited = WaitUntil(deadline);
        _othersWait--;
        return waited;
    }

    /// <summary>Waits for a pulse; false, without waiting, once the time has come.</summary>
    private bool WaitUntil(long deadline)
    {
        long now = _time.GetTimestamp();
        if (now >= deadline)
            return false;
        double milliseconds = Math.Ceiling(_time.GetElapsedTime(now, deadline).TotalMilliseconds);
        Monitor.Wait(_gate, (int)Math.Clamp(milliseconds, 1, 60_000));
        return true;
    }
}
