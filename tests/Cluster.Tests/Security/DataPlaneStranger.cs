using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Lockstep.Cli.Doctor;
using Lockstep.Protocol;
using Lockstep.Protocol.DataPlane;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.Joining;
using Lockstep.Transport.Security;
using MessagePack;

namespace Lockstep.Cluster.Tests.Security;

/// <summary>Ways to come to a coordinator's data port that are not a worker's.</summary>
internal static class DataPlaneStranger
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    /// <summary>What a worker of this build says to join.</summary>
    public static JoinOptions Worker(JoinToken token) => new()
    {
        Token = token,
        ProtocolVersion = ProtocolVersion.Current,
        BuildFingerprint = BuildFingerprint.Current,
        Identity = PlaneIdentity.OfToken(token),
    };

    /// <summary>Joins, and tells what it was told.</summary>
    public static CoordinatorWelcome Join(int port, JoinOptions options, Guest guest)
    {
        byte[] hello = MessagePackSerializer.Serialize(new NodeHello("stranger", 1, ProtocolVersion.NumericContract, 0, 0));
        DataConnection connection = DataConnector.Connect(DataEndpoint.Tcp("127.0.0.1", port), options, hello, guest);
        return MessagePackSerializer.Deserialize<CoordinatorWelcome>(connection.Welcome);
    }

    /// <summary>Says bytes to the port, and waits until it ends the connection.</summary>
    public static void Shout(int port, ReadOnlySpan<byte> bytes)
    {
        using Socket socket = Dial(port);
        socket.Send(bytes);
        socket.Shutdown(SocketShutdown.Send);
        while (socket.Receive(new byte[1000], SocketFlags.None, out _) > 0)
        {
        }
    }

    /// <summary>Opens TLS by the book, with a certificate of its own or none.</summary>
    public static void Intrude(int port, X509Certificate2? certificate)
    {
        using Socket socket = Dial(port);
        using var tls = new SslStream(new NetworkStream(socket), false, (_, _, _, _) => true);
        try
        {
            tls.AuthenticateAsClient(new SslClientAuthenticationOptions { TargetHost = "", ClientCertificates = certificate is null ? [] : [certificate] });
            tls.Write(new byte[100]);
            Assert.Equal(0, tls.Read(new byte[100]));
        }
        catch (Exception e) when (e is IOException or AuthenticationException)
        {
            // Turned away.
        }
    }

    private static Socket Dial(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = (int)Bound.TotalMilliseconds };
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    /// <summary>One who knows the token, was let in, and then does what no worker does.</summary>
    internal sealed unsafe class Guest : IFrameHandler, IDisposable
    {
        private readonly TaskCompletionSource<CloseReason> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly void* _memory = NativeMemory.AllocZeroed(8 << 20);
        private DataConnection? _connection;

        public Task<CloseReason> ClosedAsync() => _closed.Task.WaitAsync(Bound);

        public void Send(ushort kind, int length) =>
            Assert.Equal(QueueOutcome.Queued, _connection!.TrySend(new OutgoingFrame { Kind = kind, Payload = _memory, Length = length }));

        public void Opened(DataConnection connection) => _connection = connection;

        public Landing Land(DataConnection connection, in FrameHeader header) => Landing.Discard;

        public void Received(DataConnection connection, in FrameHeader header, nint landed) => connection.ReturnCredit();

        public void Abandoned(DataConnection connection, in FrameHeader header, nint landed, FrameFault fault)
        {
        }

        public void Closed(DataConnection connection, CloseReason reason) => _closed.TrySetResult(reason);

        public void Dispose()
        {
            _connection?.Dispose();
            NativeMemory.Free(_memory);
        }
    }
}
