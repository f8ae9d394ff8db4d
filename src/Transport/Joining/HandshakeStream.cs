using System.Net.Sockets;
using Lockstep.Transport.Frames;

namespace Lockstep.Transport.Joining;

/// <summary>Frames of a handshake over a blocking socket, all under one deadline.</summary>
internal sealed class HandshakeStream(Socket socket, TimeProvider time, TimeSpan patience)
{
    private const int MagicLength = 4;

    private readonly long _begun = time.GetTimestamp();

    /// <exception cref="JoinException">The peer is gone or too slow.</exception>
    public void Send(FrameType type, byte[] payload)
    {
        byte[] frame = new byte[FrameCodec.HeaderLength + payload.Length];
        FrameCodec.Encode(new FrameHeader(type, 0, payload.Length, Checksum.Of(payload), default), frame);
        payload.CopyTo(frame.AsSpan(FrameCodec.HeaderLength));
        ReadOnlySpan<byte> rest = frame;
        while (rest.Length > 0)
        {
            socket.SendTimeout = RemainingMilliseconds();
            int count = socket.Send(rest, SocketFlags.None, out SocketError error);
            rest = rest[count..];
            if (error != SocketError.Success && count == 0)
                throw FaultOf(error);
        }
    }

    /// <exception cref="JoinException">The peer is gone, too slow, or sends something else.</exception>
    public byte[] Receive(FrameType expected, int maximumPayload)
    {
        byte[] bytes = new byte[FrameCodec.HeaderLength];
        // The first bytes alone tell a stranger, who may never send as many as a header has.
        Fill(bytes.AsSpan(0, MagicLength));
        if (!FrameCodec.HasMagic(bytes))
            throw new JoinException(JoinFault.NotLockstep, "The other side does not speak Lockstep.");
        Fill(bytes.AsSpan(MagicLength));
        FrameFault fault = FrameCodec.Decode(bytes, FrameLimits.HandshakeOnly(maximumPayload), out FrameHeader header);
        if (fault == FrameFault.OtherVersion)
            throw new JoinException(
                JoinFault.OtherTransport,
                $"The other side speaks data plane version {FrameCodec.VersionOf(bytes)}, this one {FrameCodec.Version}: install the same build on all machines.");
        if (fault != FrameFault.None)
            throw new JoinException(JoinFault.Malformed, $"The handshake was not understood ({fault}).");
        if (header.Type != expected && header.Type != FrameType.Verdict)
            throw new JoinException(JoinFault.Malformed, $"The handshake was out of order: {header.Type} came instead of {expected}.");
        byte[] payload = new byte[header.PayloadLength];
        Fill(payload);
        if (Checksum.Of(payload) != header.PayloadChecksum)
            throw new JoinException(JoinFault.Malformed, "The handshake was damaged on the way.");
        // A verdict may come at any point: it is how a server refuses.
        Received = header.Type;
        return payload;
    }

    /// <summary>The type of the last frame received: the expected one, or a verdict in its place.</summary>
    public FrameType Received { get; private set; }

    private void Fill(Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            socket.ReceiveTimeout = RemainingMilliseconds();
            int count = socket.Receive(destination, SocketFlags.None, out SocketError error);
            if (error != SocketError.Success)
                throw FaultOf(error);
            if (count == 0)
                throw new JoinException(JoinFault.Broken, "The other side closed the connection during the handshake.");
            destination = destination[count..];
        }
    }

    private int RemainingMilliseconds()
    {
        TimeSpan left = patience - time.GetElapsedTime(_begun);
        return left > TimeSpan.Zero ? (int)Math.Clamp(Math.Ceiling(left.TotalMilliseconds), 1, int.MaxValue) : throw TimedOut();
    }

    private JoinException FaultOf(SocketError error) =>
        error is SocketError.TimedOut or SocketError.WouldBlock
            ? TimedOut()
            : new JoinException(JoinFault.Broken, $"The connection broke during the handshake ({error}).");

    private JoinException TimedOut() =>
        new(JoinFault.TimedOut, $"The other side did not answer within {patience.TotalSeconds:0.##} s.");
}
