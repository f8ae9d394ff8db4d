using System.IO.Hashing;
using Lockstep.Transport.Frames;

namespace Lockstep.Transport.Connections;

/// <summary>The reader thread's work: receives frames straight to where the handler wants them, and checks them.</summary>
internal sealed unsafe class ConnectionReader
{
    /// <summary>
    /// What is shorter than this is read ahead, so that a small frame costs one call; what is longer goes straight to its
    /// place, and copying stays negligible.
    /// </summary>
    private const int AheadLength = 4096;

    private const int ScratchLength = 64 * 1024;

    private readonly DataConnection _connection;
    private readonly IFrameHandler _handler;
    private readonly Outbox _outbox;
    private readonly SocketCarrier _carrier;
    private readonly TimeProvider _time;
    private readonly TimeSpan _silenceLimit;
    private readonly FrameLimits _limits;
    private readonly byte[] _ahead = GC.AllocateUninitializedArray<byte>(AheadLength, pinned: true);
    private readonly byte[] _header = new byte[FrameCodec.HeaderLength];
    private readonly byte[] _text = new byte[FrameLimits.ControlPayload];
    private byte[]? _scratch;
    private XxHash3? _scratchHash;
    private int _aheadStart;
    private int _aheadEnd;
    private long _lastHeard;
    private long? _closingSince;

    public ConnectionReader(
        DataConnection connection, IFrameHandler handler, Outbox outbox, SocketCarrier carrier, ConnectionOptions options)
    {
        _connection = connection;
        _handler = handler;
        _outbox = outbox;
        _carrier = carrier;
        _time = options.Time;
        _silenceLimit = options.SilenceLimit;
        _limits = FrameLimits.Open(options.MaximumPayload);
        _lastHeard = _time.GetTimestamp();
    }

    public void Run()
    {
        while (ReadFrame())
        {
        }
    }

    private bool ReadFrame()
    {
        if (!Receive(_header, betweenFrames: true))
            return false;
        FrameFault fault = FrameCodec.Decode(_header, _limits, out FrameHeader header);
        if (fault != FrameFault.None)
            return FailHeader(fault);
        _connection.Counters.CountReceived(FrameCodec.HeaderLength + header.PayloadLength);
        switch (header.Type)
        {
            case FrameType.Data:
                return ReadData(in header);
            case FrameType.Ping:
                _outbox.RequestPong(header.Application.First);
                return true;
            case FrameType.Pong:
                _connection.NotePong((long)header.Application.First);
                return true;
            case FrameType.Credit:
                return _outbox.TryGain(header.Application.First)
                    || Refuse($"granted credit for {header.Application.First} frames, which is more than any window");
            case FrameType.Close:
                return ReadClose(in header);
            default:
                return FailHeader(FrameFault.UnexpectedType);
        }
    }

    private bool ReadData(in FrameHeader header)
    {
        if (!_outbox.TryReceiveData())
            return Refuse("sent a data frame without credit");
        if (header.PayloadLength == 0)
        {
            if (header.PayloadChecksum != Checksum.Of([]))
                return FailPayload(in header);
            _connection.Counters.CountFrameReceived();
            _handler.Received(_connection, in header, 0);
            return true;
        }

        Landing landing = _handler.Land(_connection, in header);
        if (landing.Refusal is { } refusal)
            return Refuse(refusal);
        if (landing.Pointer is null)
            return Discard(in header);
        if (header.PayloadLength > landing.Capacity)
        {
            _handler.Abandoned(_connection, in header, (nint)landing.Pointer, FrameFault.TooLong);
            return Refuse($"sent {header.PayloadLength} bytes where {landing.Capacity} were expected");
        }

        FrameFault fault = FrameFault.Cut;
        try
        {
            Span<byte> payload = new(landing.Pointer, header.PayloadLength);
            if (Receive(payload))
                fault = Checksum.Of(payload) == header.PayloadChecksum ? FrameFault.None : FrameFault.PayloadChecksum;
        }
        finally
        {
            if (fault != FrameFault.None)
                _handler.Abandoned(_connection, in header, (nint)landing.Pointer, fault);
        }
        if (fault == FrameFault.PayloadChecksum)
            return FailPayload(in header);
        if (fault == FrameFault.Cut)
            return false;
        _connection.Counters.CountFrameReceived();
        _handler.Received(_connection, in header, (nint)landing.Pointer);
        return true;
    }

    private bool Discard(in FrameHeader header)
    {
        _scratch ??= GC.AllocateUninitializedArray<byte>(ScratchLength, pinned: true);
        _scratchHash ??= new XxHash3();
        _scratchHash.Reset();
        for (int left = header.PayloadLength; left > 0;)
        {
            Span<byte> piece = _scratch.AsSpan(0, Math.Min(left, ScratchLength));
            if (!Receive(piece))
                return false;
            _scratchHash.Append(piece);
            left -= piece.Length;
        }
        if (_scratchHash.GetCurrentHashAsUInt64() != header.PayloadChecksum)
            return FailPayload(in header);
        _connection.Counters.CountFrameReceived();
        _connection.Counters.CountDiscarded();
        _outbox.ReturnCredit(1);
        return true;
    }

    private bool ReadClose(in FrameHeader header)
    {
        Span<byte> text = _text.AsSpan(0, header.PayloadLength);
        if (!Receive(text))
            return false;
        if (Checksum.Of(text) != header.PayloadChecksum)
            return FailPayload(in header);
        _connection.Fail(CloseKind.PeerClosed, CloseText.Decode(text));
        return false;
    }

    /// <summary>Fills the destination; false once the connection has failed.</summary>
    private bool Receive(Span<byte> destination, bool betweenFrames = false)
    {
        bool untouched = betweenFrames;
        while (destination.Length > 0)
        {
            if (_aheadStart < _aheadEnd)
            {
                int copied = Math.Min(destination.Length, _aheadEnd - _aheadStart);
                _ahead.AsSpan(_aheadStart, copied).CopyTo(destination);
                _aheadStart += copied;
                destination = destination[copied..];
                untouched = false;
                continue;
            }
            bool direct = destination.Length >= AheadLength;
            long asked = _time.GetTimestamp();
            CarrierStatus status = _carrier.Receive(direct ? destination : _ahead, out int count);
            switch (status)
            {
                case CarrierStatus.Done:
                    _lastHeard = _time.GetTimestamp();
                    if (direct)
                        destination = destination[count..];
                    else
                        (_aheadStart, _aheadEnd) = (0, count);
                    break;
                case CarrierStatus.TimedOut when _time.GetElapsedTime(_lastHeard) >= _silenceLimit && _carrier.SpeaksOfPeer(_time.GetElapsedTime(asked)):
                    _connection.Fail(CloseKind.Silent, $"was not heard for {_silenceLimit.TotalSeconds:0.##} s");
                    return false;
                case CarrierStatus.TimedOut:
                    break;
                case CarrierStatus.Ended when _outbox.CloseText is { } text:
                    _connection.Fail(CloseKind.Local, text);
                    return false;
                case CarrierStatus.Ended:
                    _connection.Fail(CloseKind.Reset, untouched
                        ? "ended the connection without a goodbye"
                        : "ended the connection in the middle of a frame");
                    return false;
                default:
                    _connection.Fail(CloseKind.Reset, "the connection broke");
                    return false;
            }
            if (!StillPatient())
                return false;
        }
        return true;
    }

    /// <summary>A peer that goes on talking after this side's goodbye is not listened to for longer than a silent one.</summary>
    private bool StillPatient()
    {
        if (!_connection.SaidGoodbye)
            return true;
        _closingSince ??= _time.GetTimestamp();
        if (_time.GetElapsedTime(_closingSince.Value) < _silenceLimit)
            return true;
        _connection.Fail(CloseKind.Local, _outbox.CloseText ?? string.Empty);
        return false;
    }

    private bool FailHeader(FrameFault fault)
    {
        if (fault is FrameFault.BadMagic or FrameFault.HeaderChecksum)
        {
            _connection.Counters.CountDamaged();
            _connection.Fail(CloseKind.Damaged, $"sent a damaged frame header ({fault})");
            return false;
        }
        return Refuse($"sent a frame that is not allowed here ({fault})");
    }

    private bool FailPayload(in FrameHeader header)
    {
        _connection.Counters.CountDamaged();
        _connection.Fail(
            CloseKind.Damaged,
            $"sent a payload of {header.PayloadLength} bytes (kind {header.Kind}) that does not match its checksum: its memory, its network or this one's is faulty");
        return false;
    }

    private bool Refuse(string why)
    {
        _connection.Counters.CountRefused();
        _connection.Fail(CloseKind.Refused, why);
        return false;
    }
}
