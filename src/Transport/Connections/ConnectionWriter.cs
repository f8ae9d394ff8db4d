using System.Text;
using Lockstep.Transport.Frames;

namespace Lockstep.Transport.Connections;

/// <summary>The writer thread's work: takes frames from the outbox and sends them. Small ones are sent by those who queue them where nothing else is being sent.</summary>
internal sealed unsafe class ConnectionWriter(DataConnection connection, Outbox outbox, SocketCarrier carrier)
{
    /// <summary>
    /// So much of a payload travels in the same call as its header. Small frames need one call, and the peer is not woken
    /// for a lone header.
    /// </summary>
    private const int Staged = 16 * 1024;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(FrameCodec.HeaderLength + Staged, pinned: true);

    public void Run()
    {
        while (true)
        {
            NextFrame next = outbox.Take();
            switch (next.Type)
            {
                case FrameType.Data:
                    if (!(Outbox.IsSmall(in next.Data) ? SendTogether(in next.Data) : SendData(in next.Data)))
                        return;
                    break;
                case FrameType.Ping:
                case FrameType.Pong:
                case FrameType.Credit:
                    if (next.Type == FrameType.Ping)
                        connection.NotePing((long)next.Value);
                    if (!SendControl(next.Type, next.Value, []))
                        return;
                    break;
                case FrameType.Close:
                    if (SendControl(FrameType.Close, 0, CloseText.Encode(next.Text!)))
                        carrier.EndSending();
                    return;
                default:
                    return;
            }
        }
    }

    /// <summary>
    /// Sends the small frames that wait, on the thread that queued them, as long as the socket takes them without making it wait. To be called where
    /// <see cref="Outbox.Queue"/> says so: the writer's own thread leaves the socket alone then.
    /// </summary>
    public void SendHere()
    {
        try
        {
            while (carrier.HasRoom && outbox.TryTakeMore(out OutgoingFrame first))
            {
                if (!SendTogether(in first))
                    return;
            }
        }
        finally
        {
            outbox.EndSendingHere();
        }
    }

    private bool SendData(in OutgoingFrame frame)
    {
        bool sent = false;
        try
        {
            ReadOnlySpan<byte> payload = new(frame.Payload, frame.Length);
            ulong checksum = frame.Checksum ?? Checksum.Of(payload);
            sent = Send(new FrameHeader(FrameType.Data, frame.Kind, frame.Length, checksum, frame.Application), payload);
            if (sent)
                connection.Counters.CountFrameSent();
            else
                connection.Counters.CountDropped();
        }
        finally
        {
            outbox.Complete(in frame, sent ? SendOutcome.Sent : SendOutcome.Dropped, wasInFlight: true);
        }
        return sent;
    }

    private bool SendTogether(in OutgoingFrame first)
    {
        int count = 1;
        bool sent = false;
        try
        {
            int used = Stage(in first, 0);
            for (; used + FrameCodec.HeaderLength + Outbox.Small <= _buffer.Length && outbox.TryTakeMore(out OutgoingFrame next); count++)
                used = Stage(in next, used);
            sent = Finish(carrier.Send(_buffer.AsSpan(0, used)), used);
        }
        finally
        {
            for (int i = 0; i < count; i++)
            {
                if (sent)
                    connection.Counters.CountFrameSent();
                else
                    connection.Counters.CountDropped();
            }
            outbox.Complete(in first, sent ? SendOutcome.Sent : SendOutcome.Dropped, wasInFlight: true);
        }
        return sent;
    }

    private int Stage(in OutgoingFrame frame, int at)
    {
        ReadOnlySpan<byte> payload = new(frame.Payload, frame.Length);
        FrameCodec.Encode(new FrameHeader(FrameType.Data, frame.Kind, frame.Length, frame.Checksum ?? Checksum.Of(payload), frame.Application), _buffer.AsSpan(at));
        payload.CopyTo(_buffer.AsSpan(at + FrameCodec.HeaderLength));
        return at + FrameCodec.HeaderLength + frame.Length;
    }

    private bool SendControl(FrameType type, ulong value, ReadOnlySpan<byte> payload) =>
        Send(new FrameHeader(type, 0, payload.Length, Checksum.Of(payload), new ApplicationHeader(value, 0, 0, 0)), payload);

    private bool Send(in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        FrameCodec.Encode(in header, _buffer);
        int staged = Math.Min(payload.Length, Staged);
        payload[..staged].CopyTo(_buffer.AsSpan(FrameCodec.HeaderLength));
        CarrierStatus status = carrier.Send(_buffer.AsSpan(0, FrameCodec.HeaderLength + staged));
        if (status == CarrierStatus.Done)
            status = carrier.Send(payload[staged..]);
        return Finish(status, FrameCodec.HeaderLength + payload.Length);
    }

    private bool Finish(CarrierStatus status, int bytes)
    {
        switch (status)
        {
            case CarrierStatus.Done:
                connection.Counters.CountSent(bytes);
                return true;
            case CarrierStatus.TimedOut:
                connection.Fail(CloseKind.Stuck, "took no data for the whole send timeout; its process hangs, or the network does");
                return false;
            default:
                connection.Fail(CloseKind.Reset, "the connection broke while sending");
                return false;
        }
    }
}

/// <summary>The text of a goodbye on the wire: UTF-8, cut to the limit, and without control characters when read.</summary>
internal static class CloseText
{
    public static byte[] Encode(string text) => Limited(text, FrameLimits.ControlPayload);

    public static string Decode(ReadOnlySpan<byte> bytes) =>
        string.Create(Encoding.UTF8.GetCharCount(bytes), bytes, static (chars, source) =>
        {
            Encoding.UTF8.GetChars(source, chars);
            foreach (ref char c in chars)
                c = char.IsControl(c) ? ' ' : c;
        });

    /// <summary>UTF-8 bytes of as many whole characters as fit.</summary>
    public static byte[] Limited(string text, int limit)
    {
        byte[] bytes = new byte[Math.Min(limit, Encoding.UTF8.GetMaxByteCount(text.Length))];
        Encoding.UTF8.GetEncoder().Convert(text, bytes, flush: true, out _, out int count, out _);
        return bytes[..count];
    }
}
