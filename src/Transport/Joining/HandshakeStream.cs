using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.Security;

namespace Lockstep.Transport.Joining;

/// <summary>Frames of a handshake over a blocking carrier, all under its one deadline.</summary>
internal sealed class HandshakeStream(SocketCarrier carrier, Deadline deadline)
{
    private const int MagicLength = 4;

    /// <exception cref="JoinException">The peer is gone or too slow.</exception>
    public void Send(FrameType type, byte[] payload)
    {
        byte[] frame = new byte[FrameCodec.HeaderLength + payload.Length];
        FrameCodec.Encode(new FrameHeader(type, 0, payload.Length, Checksum.Of(payload), default), frame);
        payload.CopyTo(frame.AsSpan(FrameCodec.HeaderLength));
        CarrierStatus status = carrier.Send(frame);
        if (status != CarrierStatus.Done)
            throw FaultOf(status);
    }

    /// <exception cref="JoinException">The peer is gone, too slow, or sends something else.</exception>
    public byte[] Receive(FrameType expected, int maximumPayload)
    {
        byte[] bytes = new byte[FrameCodec.HeaderLength];
        // The first bytes alone tell a stranger, who may never send as many as a header has.
        Fill(bytes.AsSpan(0, MagicLength));
        if (!FrameCodec.HasMagic(bytes))
        {
            throw new JoinException(JoinFault.NotLockstep, bytes[0] == TlsCarrier.FirstByte
                ? "The other side speaks TLS, which this one does not: both need --tls, or --allow-plaintext."
                : "The other side does not speak Lockstep.");
        }
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

    /// <summary>What names the two ends; a proof holds for it alone.</summary>
    public ReadOnlySpan<byte> Binding => carrier.Binding;

    private void Fill(Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            CarrierStatus status = carrier.Receive(destination, out int count);
            if (status != CarrierStatus.Done)
                throw FaultOf(status);
            destination = destination[count..];
        }
    }

    private JoinException FaultOf(CarrierStatus status) => status switch
    {
        CarrierStatus.TimedOut => new JoinException(JoinFault.TimedOut, $"The other side did not answer within {deadline.Patience.TotalSeconds:0.##} s."),
        CarrierStatus.Ended => new JoinException(JoinFault.Broken, "The other side closed the connection during the handshake."),
        _ when carrier.EncryptionFault is { } fault => new JoinException(
            JoinFault.NotAuthenticated, $"The other side does not believe this side's certificate, or what it sent was changed on the way: {fault}."),
        _ => new JoinException(JoinFault.Broken, $"The connection broke during the handshake ({carrier.LastError})."),
    };
}
