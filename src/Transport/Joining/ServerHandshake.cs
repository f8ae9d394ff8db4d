using System.Net.Sockets;
using System.Security.Cryptography;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.Security;

namespace Lockstep.Transport.Joining;

/// <summary>
/// The server's side: hello, challenge, proof, verdict. The application is asked only after versions, proof and build
/// have been found right.
/// </summary>
internal static class ServerHandshake
{
    /// <param name="socket">The newcomer.</param>
    /// <param name="remote">Its address, for messages.</param>
    /// <param name="options">Token, versions, limits.</param>
    /// <param name="doorkeeper">Decides.</param>
    /// <param name="whenAdmitted">Called once the newcomer is let in, before the handler is told of its connection.</param>
    /// <exception cref="JoinException">The client did not get in; it has been told why as far as it listens.</exception>
    public static void Run(Socket socket, string remote, JoinOptions options, IDoorkeeper doorkeeper, Action whenAdmitted)
    {
        var deadline = new Deadline(options.Connection.Time, options.Deadline);
        var carrier = new SocketCarrier(socket, deadline);
        var stream = new HandshakeStream(carrier, deadline);
        bool admitted = false;
        try
        {
            if (options.Identity is { } identity)
            {
                carrier = Encrypt(carrier, stream, deadline, options, identity);
                stream = new HandshakeStream(carrier, deadline);
            }
            Admission admission = Negotiate(stream, remote, options, doorkeeper, out byte[] hello, out byte[] challenge);
            if (admission.Handler is null)
                throw Refusal(admission.Refusal, admission.Text);
            admitted = true;
            whenAdmitted();
            Admit(stream, carrier, remote, options, admission, hello, challenge);
        }
        catch (JoinException e) when (AnswerTo(e) is { } refusal)
        {
            TryRefuse(stream, carrier, refusal, e.Message);
            throw;
        }
        finally
        {
            if (!admitted)
                carrier.Dispose();
        }
    }

    /// <summary>A client that speaks Lockstep without TLS is told so in its own way; whoever speaks anything else is not answered.</summary>
    private static TlsCarrier Encrypt(SocketCarrier plain, HandshakeStream stream, Deadline deadline, JoinOptions options, PlaneIdentity identity)
    {
        if (plain.Peek(out byte first) != CarrierStatus.Done || first != TlsCarrier.FirstByte)
        {
            stream.Receive(FrameType.Hello, HandshakeMessages.MaximumHelloPayload);
            throw Refusal(
                RefusalCode.NotEncrypted,
                "The coordinator takes encrypted connections only: leave out --allow-plaintext, or add --tls, as in the worker command that it printed.");
        }
        try
        {
            return TlsCarrier.AsServer(plain.Socket, deadline, options.Connection.Time, identity);
        }
        catch (TlsFaultException e)
        {
            throw TlsFaults.Of(e, deadline);
        }
    }

    private static Admission Negotiate(
        HandshakeStream stream, string remote, JoinOptions options, IDoorkeeper doorkeeper, out byte[] hello, out byte[] challenge)
    {
        hello = stream.Receive(FrameType.Hello, HandshakeMessages.MaximumHelloPayload);
        if (HandshakeMessages.VersionOf(hello) is { } version && version != options.ProtocolVersion)
            throw Refusal(
                RefusalCode.OtherProtocol,
                $"The coordinator speaks protocol version {options.ProtocolVersion}, this worker {version}: install the same build on all machines.");
        HelloMessage message = stream.Received == FrameType.Hello && HandshakeMessages.DecodeHello(hello) is { } decoded
            ? decoded
            : throw new JoinException(JoinFault.Malformed, "The hello was not understood.");

        challenge = HandshakeMessages.Encode(
            new ChallengeMessage(options.ProtocolVersion, RandomNumberGenerator.GetBytes(HandshakeProof.NonceLength)));
        stream.Send(FrameType.Challenge, challenge);
        byte[] proof = stream.Receive(FrameType.Proof, HandshakeProof.Length);
        if (!HandshakeProof.AreEqual(proof, HandshakeProof.OfClient(options.Token, hello, challenge, stream.Binding)))
            throw Refusal(
                RefusalCode.WrongToken,
                "The join token does not match the coordinator's: copy the worker command again from what the coordinator printed.");
        if (options.BuildFingerprint.Length > 0 && message.BuildFingerprint != options.BuildFingerprint)
            throw Refusal(
                RefusalCode.OtherBuild,
                $"The coordinator is build {options.BuildFingerprint}, this worker {message.BuildFingerprint}: install the same build on all machines.");
        try
        {
            return doorkeeper.Decide(new JoinRequest(remote, message.Hello));
        }
        catch (Exception e)
        {
            throw new JoinException(JoinFault.AdmissionFailed, $"The coordinator failed to decide on the admission: {e.Message}", RefusalCode.None, e);
        }
    }

    private static void Admit(
        HandshakeStream stream, SocketCarrier carrier, string remote, JoinOptions options, Admission admission, byte[] hello, byte[] challenge)
    {
        byte[] verdict = HandshakeMessages.Encode(
            new VerdictMessage(RefusalCode.None, string.Empty, admission.WelcomeBytes, new byte[HandshakeProof.Length]));
        HandshakeProof.OfServer(options.Token, hello, challenge, HandshakeMessages.ProvenPart(verdict), stream.Binding).CopyTo(verdict, 0);

        // The handler has been admitted, so from here on a failure is the end of a connection, not of a handshake.
        var connection = new DataConnection(
            carrier, options.Connection, admission.Handler!, admission.Peer ?? remote, admission.WelcomeBytes);
        connection.Open(() =>
        {
            try
            {
                stream.Send(FrameType.Verdict, verdict);
                return null;
            }
            catch (JoinException e)
            {
                return $"left before it could be welcomed: {e.Message}";
            }
        });
    }

    private static JoinException Refusal(RefusalCode code, string text) => new(JoinFault.Refused, text, code);

    private static RefusalCode? AnswerTo(JoinException e) => e.Fault switch
    {
        JoinFault.Refused => e.Refusal,
        JoinFault.OtherTransport => RefusalCode.OtherTransport,
        JoinFault.Malformed => RefusalCode.Malformed,
        JoinFault.AdmissionFailed => RefusalCode.Other,
        _ => null,
    };

    private static void TryRefuse(HandshakeStream stream, SocketCarrier carrier, RefusalCode code, string text)
    {
        try
        {
            stream.Send(
                FrameType.Verdict,
                HandshakeMessages.Encode(new VerdictMessage(code, text, [], new byte[HandshakeProof.Length])));
            carrier.EndSending();
        }
        catch (Exception e) when (e is JoinException or SocketException)
        {
            // The client did not wait for the answer; the refusal itself is on its way up to the listener.
        }
    }
}
