using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Lockstep.Transport.Connections;

namespace Lockstep.Transport.Security;

/// <summary>
/// The same blocking calls through TLS. One thread may receive while another sends. What the other side says counts only after
/// both have shown a certificate that the other believes.
/// </summary>
internal sealed class TlsCarrier : SocketCarrier
{
    /// <summary>The first byte of every TLS connection: a record of the handshake (RFC 8446, section 5.1).</summary>
    public const byte FirstByte = 22;

    private readonly SslStream _tls;
    private readonly Wire _wire;
    private byte[] _binding = [];
    private string? _fault;

    private TlsCarrier(Socket socket, Deadline deadline, TimeProvider time)
        : base(socket, deadline)
    {
        _wire = new Wire(this, time);
        _tls = new SslStream(_wire, leaveInnerStreamOpen: false);
    }

    /// <summary>
    /// SHA-256 over both certificates, the server's first. A proof over it holds for these two ends alone, not for somebody between
    /// them (channel binding, as in RFC 5929).
    /// </summary>
    public override ReadOnlySpan<byte> Binding => _binding;

    public override string? EncryptionFault => Volatile.Read(ref _fault);

    /// <summary>The version that both sides agreed on: TLS 1.2 at least.</summary>
    public SslProtocols Protocol => _tls.SslProtocol;

    /// <exception cref="TlsFaultException">It did not come about.</exception>
    public static TlsCarrier AsClient(Socket socket, Deadline deadline, TimeProvider time, PlaneIdentity identity)
    {
        var carrier = new TlsCarrier(socket, deadline, time);
        bool mistrusted = false;
        carrier.Begin(() => carrier._tls.AuthenticateAsClient(new SslClientAuthenticationOptions
        {
            // Peers are known by their keys; a name would say who they are to the network.
            TargetHost = string.Empty,
            ClientCertificateContext = SslStreamCertificateContext.Create(identity.Certificate, identity.Chain, offline: true),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = identity.ChainPolicy(),
            AllowRenegotiation = false,
            AllowTlsResume = false,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) => !(mistrusted = !identity.Trusts(certificate as X509Certificate2, chain)),
        }), ref mistrusted, identity);
        carrier._binding = BindingOf(carrier._tls.RemoteCertificate!, identity.Certificate);
        return carrier;
    }

    /// <exception cref="TlsFaultException">It did not come about.</exception>
    public static TlsCarrier AsServer(Socket socket, Deadline deadline, TimeProvider time, PlaneIdentity identity)
    {
        var carrier = new TlsCarrier(socket, deadline, time);
        bool mistrusted = false;
        carrier.Begin(() => carrier._tls.AuthenticateAsServer(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(identity.Certificate, identity.Chain, offline: true),
            ClientCertificateRequired = true,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = identity.ChainPolicy(),
            AllowRenegotiation = false,
            AllowTlsResume = false,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) => !(mistrusted = !identity.Trusts(certificate as X509Certificate2, chain)),
        }), ref mistrusted, identity);
        carrier._binding = BindingOf(identity.Certificate, carrier._tls.RemoteCertificate!);
        return carrier;
    }

    public override void Configure(ConnectionOptions options)
    {
        base.Configure(options);
        _wire.Patience = options.SilenceLimit;
    }

    // The stream within waits for the whole limit in one call, and has asked of each of its waits.
    public override bool SpeaksOfPeer(TimeSpan waited) => true;

    public override CarrierStatus Receive(Span<byte> destination, out int count)
    {
        count = 0;
        try
        {
            count = _tls.Read(destination);
            return count > 0 ? CarrierStatus.Done : CarrierStatus.Ended;
        }
        catch (Exception e) when (IsEnd(e))
        {
            return Note(e, _wire.Receiving);
        }
    }

    public override CarrierStatus Send(ReadOnlySpan<byte> source)
    {
        try
        {
            if (source.Length > 0)
                _tls.Write(source);
            return CarrierStatus.Done;
        }
        catch (Exception e) when (IsEnd(e))
        {
            return Note(e, _wire.Sending);
        }
    }

    public override void Dispose()
    {
        _tls.Dispose();
        base.Dispose();
    }

    private static byte[] BindingOf(X509Certificate server, X509Certificate client) =>
        SHA256.HashData([.. SHA256.HashData(server.GetRawCertData()), .. SHA256.HashData(client.GetRawCertData())]);

    // Bytes that are no TLS, records that were changed on the way, an alert of the peer, an end in the middle: whatever it is, nothing more comes of the stream.
    private static bool IsEnd(Exception e) =>
        e is IOException or AuthenticationException or CryptographicException or ObjectDisposedException or InvalidOperationException;

    private void Begin(Action authenticate, ref bool mistrusted, PlaneIdentity identity)
    {
        try
        {
            authenticate();
            if (_tls.IsMutuallyAuthenticated)
                return;
            throw new AuthenticationException("one side has shown no certificate");
        }
        catch (Exception e) when (IsEnd(e))
        {
            if (!mistrusted && _wire.Failed is { } status)
                throw new TlsFaultException(status, Ended(status), e);
            throw new TlsFaultException(CarrierStatus.Done, mistrusted ? identity.Mismatch : Words(e), e);
        }
    }

    private CarrierStatus Note(Exception e, CarrierStatus status)
    {
        if (_wire.Failed is null)
            Volatile.Write(ref _fault, Words(e));
        return status;
    }

    private bool LookSpeaksOfPeer(TimeSpan waited) => base.SpeaksOfPeer(waited);

    private string Ended(CarrierStatus status) => status switch
    {
        CarrierStatus.TimedOut => "it did not go on in time",
        CarrierStatus.Ended => "it ended the connection",
        _ => $"the connection broke ({LastError})",
    };

    private static string Words(Exception e) => $"{e.Message.TrimEnd('.')}{(e.InnerException is { } inner ? $" ({inner.Message.TrimEnd('.')})" : "")}";

    /// <summary>The socket as the stream that <see cref="SslStream"/> wants: a wait without a byte is not an end for it, so it ends only when patience does.</summary>
    private sealed class Wire(TlsCarrier carrier, TimeProvider time) : Stream
    {
        /// <summary>How long a read waits for a byte; until it is set the socket's own deadline alone counts.</summary>
        public TimeSpan Patience { get; set; }

        public CarrierStatus? Failed { get; private set; }

        /// <summary>What became of the last read that failed: broken where it was the stream within that did.</summary>
        public CarrierStatus Receiving { get; private set; } = CarrierStatus.Broken;

        /// <summary>What became of the last write that failed.</summary>
        public CarrierStatus Sending { get; private set; } = CarrierStatus.Broken;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            // How the stream asks whether anything is there; the next call waits for it.
            if (buffer.IsEmpty)
                return 0;
            long begun = time.GetTimestamp();
            while (true)
            {
                long asked = time.GetTimestamp();
                CarrierStatus status = carrier.ReceiveBytes(buffer, SocketFlags.None, out int count);
                if (status == CarrierStatus.Done)
                    return count;
                if (status == CarrierStatus.TimedOut && (time.GetElapsedTime(begun) < Patience || !carrier.LookSpeaksOfPeer(time.GetElapsedTime(asked))))
                    continue;
                Failed = status;
                if (status == CarrierStatus.Ended)
                    return 0;
                Receiving = status;
                throw new IOException("The connection ended.");
            }
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            CarrierStatus status = carrier.SendBytes(buffer);
            if (status == CarrierStatus.Done)
                return;
            Failed = Sending = status;
            throw new IOException("The connection ended.");
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

/// <summary>TLS did not come about.</summary>
/// <param name="status">What became of the connection; done where it lived and the two sides did not agree.</param>
/// <param name="message">Why.</param>
/// <param name="inner">What was thrown.</param>
internal sealed class TlsFaultException(CarrierStatus status, string message, Exception inner) : Exception(message, inner)
{
    public CarrierStatus Status => status;
}
