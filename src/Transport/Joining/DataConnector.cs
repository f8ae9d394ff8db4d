using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.Security;

namespace Lockstep.Transport.Joining;

/// <summary>The client's side of a connection's beginning.</summary>
public static class DataConnector
{
    /// <summary>Connects, proves knowledge of the token, and lets the server prove the same. Blocks for at most the deadline.</summary>
    /// <param name="endpoint">Where the server listens.</param>
    /// <param name="options">Token, versions, limits.</param>
    /// <param name="hello">For the server's application, at most 4 KiB.</param>
    /// <param name="handler">Of the connection.</param>
    /// <param name="cancellation">Ends the attempt early.</param>
    /// <returns>The open connection; <see cref="DataConnection.Welcome"/> has the server's answer.</returns>
    /// <exception cref="JoinException">It did not get in.</exception>
    /// <exception cref="OperationCanceledException">The attempt was cancelled.</exception>
    public static DataConnection Connect(
        DataEndpoint endpoint, JoinOptions options, ReadOnlySpan<byte> hello, IFrameHandler handler, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(hello.Length, HandshakeMessages.MaximumHello, nameof(hello));
        options.Validate();
        cancellation.ThrowIfCancellationRequested();

        byte[] message = HandshakeMessages.Encode(new HelloMessage(
            options.ProtocolVersion,
            RandomNumberGenerator.GetBytes(HandshakeProof.NonceLength),
            options.BuildFingerprint,
            hello.ToArray()));
        using var patience = new CancellationTokenSource(options.Deadline, options.Connection.Time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        SocketCarrier? carrier = null;
        try
        {
            Socket socket = Dial(endpoint, options, stop.Token);
            var deadline = new Deadline(options.Connection.Time, options.Deadline);
            carrier = new SocketCarrier(socket, deadline);
            byte[] welcome;
            using (stop.Token.UnsafeRegister(static s => ((Socket)s!).Dispose(), socket))
            {
                if (options.Identity is { } identity)
                    carrier = Encrypt(socket, endpoint, deadline, options, identity);
                welcome = Introduce(new HandshakeStream(carrier, deadline), endpoint, options, message);
            }
            stop.Token.ThrowIfCancellationRequested();
            var connection = new DataConnection(carrier, options.Connection, handler, endpoint.ToString(), welcome);
            carrier = null;
            connection.Open(static () => null);
            return connection;
        }
        catch (Exception e) when (stop.IsCancellationRequested && e is JoinException or ObjectDisposedException or OperationCanceledException or SocketException)
        {
            cancellation.ThrowIfCancellationRequested();
            throw new JoinException(
                JoinFault.TimedOut, $"{endpoint} did not answer within {options.Deadline.TotalSeconds:0.##} s: is the coordinator running there?", inner: e);
        }
        catch (SocketException e)
        {
            throw new JoinException(JoinFault.Broken, $"The connection to {endpoint} broke during the handshake ({e.SocketErrorCode}): try again.", inner: e);
        }
        finally
        {
            carrier?.Dispose();
        }
    }

    private static Socket Dial(DataEndpoint endpoint, JoinOptions options, CancellationToken stop)
    {
        Exception? last = null;
        foreach (EndPoint address in AddressesOf(endpoint))
        {
            stop.ThrowIfCancellationRequested();
            Socket socket = endpoint.CreateSocket(address.AddressFamily);
            try
            {
                // Before connecting, since a TCP window is agreed on then.
                if (!endpoint.IsUnix && options.Connection.TcpReceiveBuffer is { } size)
                    socket.ReceiveBufferSize = size;
                HostLocalTcp.PrepareClient(socket, address);
                // A blocking connect has no time limit of its own; closing the socket ends it.
                using (stop.UnsafeRegister(static s => ((Socket)s!).Dispose(), socket))
                    socket.Connect(address);
                return socket;
            }
            catch (SocketException e) when (!stop.IsCancellationRequested)
            {
                socket.Dispose();
                last = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }
        stop.ThrowIfCancellationRequested();
        throw new JoinException(
            JoinFault.Unreachable, $"Nobody answers at {endpoint}: start the coordinator, or check address, port and firewall.", inner: last);
    }

    private static EndPoint[] AddressesOf(DataEndpoint endpoint)
    {
        try
        {
            return endpoint.Resolve();
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw new JoinException(JoinFault.Unreachable, $"{endpoint} is no address that this machine knows: check its spelling.", inner: e);
        }
    }

    private static TlsCarrier Encrypt(Socket socket, DataEndpoint endpoint, Deadline deadline, JoinOptions options, PlaneIdentity identity)
    {
        try
        {
            return TlsCarrier.AsClient(socket, deadline, options.Connection.Time, identity);
        }
        catch (TlsFaultException e)
        {
            throw TlsFaults.Of(e, deadline, endpoint);
        }
    }

    private static byte[] Introduce(HandshakeStream stream, DataEndpoint endpoint, JoinOptions options, byte[] hello)
    {
        try
        {
            stream.Send(FrameType.Hello, hello);
            byte[] challenge = stream.Receive(FrameType.Challenge, HandshakeMessages.MaximumVerdictPayload);
            if (stream.Received == FrameType.Verdict)
                throw RefusalOf(challenge);
            if (HandshakeMessages.DecodeChallenge(challenge) is null)
                throw Malformed();
            stream.Send(FrameType.Proof, HandshakeProof.OfClient(options.Token, hello, challenge, stream.Binding));
            byte[] bytes = stream.Receive(FrameType.Verdict, HandshakeMessages.MaximumVerdictPayload);
            VerdictMessage verdict = HandshakeMessages.DecodeVerdict(bytes) ?? throw Malformed();
            if (verdict.Refusal != RefusalCode.None)
                throw RefusalOf(bytes);
            if (!HandshakeProof.AreEqual(
                    verdict.Proof, HandshakeProof.OfServer(options.Token, hello, challenge, HandshakeMessages.ProvenPart(bytes), stream.Binding)))
                throw new JoinException(
                    JoinFault.UntrustedServer, $"{endpoint} did not prove that it knows the join token: check that this is the coordinator's address.");
            return verdict.Welcome;
        }
        catch (JoinException e) when (e.Fault == JoinFault.NotLockstep)
        {
            throw new JoinException(
                JoinFault.NotLockstep, $"What answers at {endpoint} is not a Lockstep coordinator: check address and port.", inner: e);
        }
    }

    private static JoinException RefusalOf(byte[] payload) =>
        HandshakeMessages.DecodeVerdict(payload) is { Refusal: not RefusalCode.None } verdict
            ? new JoinException(JoinFault.Refused, verdict.Text, verdict.Refusal)
            : Malformed();

    private static JoinException Malformed() => new(JoinFault.Malformed, "The coordinator's answer was not understood: install the same build on all machines.");
}
