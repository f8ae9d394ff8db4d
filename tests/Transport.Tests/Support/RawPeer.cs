using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.Joining;

namespace Lockstep.Transport.Tests.Support;

/// <summary>A client that passes the handshake and then does whatever the test wants: nothing, or what is not allowed.</summary>
internal sealed class RawPeer : IDisposable
{
    private RawPeer(Socket socket) => Socket = socket;

    public Socket Socket { get; }

    public static RawPeer Dial(Plane plane, int? receiveBuffer = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer is { } size)
            socket.ReceiveBufferSize = size;
        socket.Connect(IPAddress.Loopback, plane.Listener.Endpoint.Port);
        return new RawPeer(socket);
    }

    public static RawPeer Join(Plane plane, int? receiveBuffer = null)
    {
        RawPeer peer = Dial(plane, receiveBuffer);
        Introduce(HandshakeOver(peer.Socket), plane);
        return peer;
    }

    public static void Introduce(HandshakeStream stream, Plane plane)
    {
        byte[] hello = HandshakeMessages.Encode(new HelloMessage(
            plane.Options.ProtocolVersion, RandomNumberGenerator.GetBytes(32), plane.Options.BuildFingerprint, []));
        stream.Send(FrameType.Hello, hello);
        byte[] challenge = stream.Receive(FrameType.Challenge, HandshakeMessages.ChallengeLength);
        stream.Send(FrameType.Proof, HandshakeProof.OfClient(plane.Options.Token, hello, challenge, stream.Binding));
        stream.Receive(FrameType.Verdict, HandshakeMessages.MaximumVerdictPayload);
    }

    public static HandshakeStream HandshakeOver(Socket socket)
    {
        var deadline = new Deadline(TimeProvider.System, Bounds.Generous);
        return new HandshakeStream(new SocketCarrier(socket, deadline), deadline);
    }

    public void Send(FrameType type, ReadOnlySpan<byte> payload, ulong value = 0, int? claimedLength = null)
    {
        byte[] frame = new byte[FrameCodec.HeaderLength + payload.Length];
        FrameCodec.Encode(
            new FrameHeader(type, 0, claimedLength ?? payload.Length, Checksum.Of(payload), new ApplicationHeader(value, 0, 0, 0)), frame);
        payload.CopyTo(frame.AsSpan(FrameCodec.HeaderLength));
        Socket.Send(frame);
    }

    /// <summary>Reads until the other side ends the connection.</summary>
    public long ReadToEnd()
    {
        byte[] buffer = new byte[4096];
        Socket.ReceiveTimeout = (int)Bounds.Generous.TotalMilliseconds;
        long total = 0;
        while (true)
        {
            int count = Socket.Receive(buffer, SocketFlags.None, out SocketError error);
            if (error == SocketError.TimedOut)
                throw new TimeoutException("The other side did not end the connection.");
            if (count == 0 || error != SocketError.Success)
                return total;
            total += count;
        }
    }

    public void Dispose() => Socket.Dispose();
}
