using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Frames;
using Lockstep.Transport.Joining;
using Lockstep.Transport.Security;
using Lockstep.Transport.Tests.Support;
using Xunit;

namespace Lockstep.Transport.Tests.Security;

public sealed class EncryptedPlaneTests
{
    [Fact]
    public void A_wrong_token_ends_in_the_TLS_handshake_and_both_sides_say_so()
    {
        using var plane = new Plane(Plane.Encrypted());
        JoinException e = Assert.Throws<JoinException>(() => plane.Connect(options: Plane.Encrypted()));
        Assert.Equal((JoinFault.NotAuthenticated, false), (e.Fault, e.IsTransient));
        Assert.Contains("join token is another", e.Message, StringComparison.Ordinal);
        Assert.Equal(JoinFault.NotAuthenticated, plane.NextStranger().Fault);
        Assert.Empty(plane.Requests);
        plane.Connect();
    }

    [Fact]
    public void A_client_without_a_certificate_is_turned_away()
    {
        using var plane = new Plane(Plane.Encrypted());
        Intrude(plane, certificate: null);
        TurnedAway who = plane.NextStranger();
        Assert.Equal(JoinFault.NotAuthenticated, who.Fault);
        Assert.Empty(plane.Requests);
        plane.Connect();
    }

    [Fact]
    public void A_client_with_a_certificate_of_its_own_is_turned_away()
    {
        using var plane = new Plane(Plane.Encrypted());
        Intrude(plane, PlaneIdentity.OfToken(JoinToken.Generate()).Certificate);
        TurnedAway who = plane.NextStranger();
        Assert.Equal(JoinFault.NotAuthenticated, who.Fault);
        Assert.Contains("its join token is another", who.Text, StringComparison.Ordinal);
        plane.Connect();
    }

    [Fact]
    public void Two_ends_agree_on_TLS_1_2_at_least()
    {
        using var plane = new Plane(Plane.Encrypted());
        using TlsCarrier client = Join(plane);
        Assert.Contains(client.Protocol, new[] { SslProtocols.Tls12, SslProtocols.Tls13 });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_client_that_speaks_no_newer_version_than_TLS_1_1_is_turned_away(byte minor)
    {
        using var plane = new Plane(Plane.Encrypted());
        using var peer = RawPeer.Dial(plane);
        peer.Socket.Send(ClientHello(minor));
        Assert.Equal(JoinFault.NotAuthenticated, plane.NextStranger().Fault);
        Assert.NotEqual(HandshakeRecord, FirstByteOfAnswer(peer.Socket));
        plane.Connect();

        // With TLS 1.2 the same words are answered, so it was the version alone.
        using var newer = RawPeer.Dial(plane);
        newer.Socket.Send(ClientHello(minor: 3));
        Assert.Equal(HandshakeRecord, FirstByteOfAnswer(newer.Socket));
    }

    private const int HandshakeRecord = 22;

    /// <summary>A whole ClientHello (RFC 5246, section 7.4.1.2) in a record, with suites that TLS 1.0 to 1.2 know.</summary>
    private static byte[] ClientHello(byte minor)
    {
        byte[] suites = [0xc0, 0x2b, 0xc0, 0x23, 0xc0, 0x0a, 0xc0, 0x09];
        byte[] curves = [0, 10, 0, 4, 0, 2, 0, 23];
        byte[] signatures = [0, 13, 0, 4, 0, 2, 4, 3];
        byte[] extensions = [.. curves, .. signatures];
        byte[] body = [3, minor, .. RandomNumberGenerator.GetBytes(32), 0, 0, (byte)suites.Length, .. suites, 1, 0, 0, (byte)extensions.Length, .. extensions];
        return [HandshakeRecord, 3, 1, 0, (byte)(body.Length + 4), 1, 0, 0, (byte)body.Length, .. body];
    }

    /// <summary>An alert's or a handshake's, or -1 where the connection ends without a word.</summary>
    private static int FirstByteOfAnswer(Socket socket)
    {
        byte[] answer = new byte[1];
        try
        {
            return socket.Receive(answer) > 0 ? answer[0] : -1;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            return -1;
        }
    }

    [Fact]
    public void A_copy_of_the_certificate_without_its_key_is_worth_nothing()
    {
        // The certificate itself is no secret: whoever listens to an older handshake has it.
        using var plane = new Plane(Plane.Encrypted());
        X509Certificate2 real = plane.Options.Identity!.Certificate;
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.ThrowsAny<Exception>(() => X509CertificateLoader.LoadCertificate(real.RawData).CopyWithPrivateKey(other));
        Intrude(plane, X509CertificateLoader.LoadCertificate(real.RawData));
        Assert.Equal(JoinFault.NotAuthenticated, plane.NextStranger().Fault);
    }

    [Fact]
    public void A_client_that_does_not_encrypt_is_told_what_to_do()
    {
        using var plane = new Plane(Plane.Encrypted());
        JoinException e = Assert.Throws<JoinException>(() => plane.Connect(options: plane.Options with { Identity = null }));
        Assert.Equal((RefusalCode.NotEncrypted, false), (e.Refusal, e.IsTransient));
        Assert.Contains("--allow-plaintext", e.Message, StringComparison.Ordinal);
        Assert.Equal(RefusalCode.NotEncrypted, plane.NextStranger().Refusal);
        plane.Connect();
    }

    [Fact]
    public void A_client_that_encrypts_never_falls_back_to_a_server_that_does_not()
    {
        using var plane = new Plane();
        JoinException e = Assert.Throws<JoinException>(() => plane.Connect(options: plane.Options with { Identity = PlaneIdentity.OfToken(plane.Options.Token) }));
        Assert.Equal(JoinFault.Broken, e.Fault);
        Assert.Contains("--allow-plaintext", e.Message, StringComparison.Ordinal);
        TurnedAway who = plane.NextStranger();
        Assert.Equal(JoinFault.NotLockstep, who.Fault);
        Assert.Contains("speaks TLS", who.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", JoinFault.NotLockstep)]
    [InlineData("\u0016\u0003\u0001 and then nothing of TLS", JoinFault.NotAuthenticated)]
    public void Plain_bytes_at_an_encrypted_port_are_turned_away(string bytes, JoinFault fault)
    {
        using var plane = new Plane(Plane.Encrypted() with { Deadline = TimeSpan.FromSeconds(3) });
        using var peer = RawPeer.Dial(plane);
        peer.Socket.Send(Encoding.Latin1.GetBytes(bytes));
        peer.Socket.Shutdown(SocketShutdown.Send);
        TurnedAway who = plane.NextStranger();
        Assert.True(who.Fault == fault || (fault == JoinFault.NotAuthenticated && who.Fault == JoinFault.Broken), $"{who.Fault}: {who.Text}");
        plane.Connect();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(40)]
    public void Who_stands_still_in_the_TLS_handshake_gains_no_time(int bytesFirst)
    {
        using var plane = new Plane(Plane.Encrypted() with { Deadline = TimeSpan.FromMilliseconds(400) });
        using var peer = RawPeer.Dial(plane);
        byte[] start = [22, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, .. new byte[500]];
        peer.Socket.Send(start.AsSpan(0, bytesFirst));
        using var stop = new ManualResetEventSlim();
        var dribble = new Thread(() =>
        {
            for (int i = bytesFirst; bytesFirst > 0 && i < start.Length && !stop.Wait(100); i++)
                peer.Socket.Send(start.AsSpan(i, 1), SocketFlags.None, out _);
        });
        dribble.Start();
        Assert.Equal(JoinFault.TimedOut, plane.NextStranger().Fault);
        stop.Set();
        dribble.Join();
    }

    [Fact]
    public void A_token_alone_is_not_enough_where_machines_have_certificates()
    {
        Authority ours = Authority.Create("ours"), theirs = Authority.Create("theirs");
        JoinOptions options = Plane.Defaults();
        JoinOptions With(X509Certificate2Collection certificates, Authority trusted) => options with { Identity = PlaneIdentity.OfCertificates(certificates, [trusted.Root]) };

        using var plane = new Plane(With(ours.Issue("head"), ours));
        plane.Connect(options: With(ours.Issue("node 1"), ours));
        plane.NextServer();

        Assert.Throws<JoinException>(() => plane.Connect(options: With(theirs.Issue("node 2"), ours)));
        TurnedAway who = plane.NextStranger();
        Assert.Equal(JoinFault.NotAuthenticated, who.Fault);
        Assert.Contains("--certificate-authority", who.Text, StringComparison.Ordinal);

        JoinException e = Assert.Throws<JoinException>(() => plane.Connect(options: With(ours.Issue("node 3"), theirs)));
        Assert.Equal(JoinFault.NotAuthenticated, e.Fault);
        Assert.Contains("--certificate-authority", e.Message, StringComparison.Ordinal);
        plane.NextStranger();

        Assert.Throws<JoinException>(() => plane.Connect(options: With(ours.Issue("node 4", new DateTimeOffset(2021, 1, 1, 0, 0, 0, TimeSpan.Zero)), ours)));
        Assert.Equal(JoinFault.NotAuthenticated, plane.NextStranger().Fault);

        Assert.Throws<JoinException>(() => plane.Connect(options: With(ours.Issue("node 5"), ours) with { Token = JoinToken.Generate() }));
        Assert.Equal(RefusalCode.WrongToken, plane.NextStranger().Refusal);
    }

    [Fact]
    public void One_certificate_on_all_machines_needs_no_authority()
    {
        X509Certificate2Collection same = Authority.Create("ours").Issue("cluster"), other = Authority.Create("ours").Issue("cluster");
        JoinOptions options = Plane.Defaults();
        using var plane = new Plane(options with { Identity = PlaneIdentity.OfCertificates(same, null) });
        plane.Connect(options: options with { Identity = PlaneIdentity.OfCertificates(same, null) });
        JoinException e = Assert.Throws<JoinException>(() => plane.Connect(options: options with { Identity = PlaneIdentity.OfCertificates(other, null) }));
        Assert.Contains("certificate is another", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Somebody_between_two_ends_cannot_pass_their_proofs_on()
    {
        // A machine that the same authority vouches for, and that does not know the token, opens both sides' TLS and passes on what they say.
        Authority ours = Authority.Create("ours");
        JoinOptions options = Plane.Defaults();
        JoinOptions With(string name) => options with { Identity = PlaneIdentity.OfCertificates(ours.Issue(name), [ours.Root]) };
        using var plane = new Plane(With("head"));
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        listener.Listen(1);
        PlaneIdentity between = With("between").Identity!;
        var relay = new Thread(() =>
        {
            using Socket near = listener.Accept();
            using var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            far.Connect(System.Net.IPAddress.Loopback, plane.Listener.Endpoint.Port);
            Deadline deadline = new(TimeProvider.System, Bounds.Generous);
            using TlsCarrier client = TlsCarrier.AsServer(near, deadline, TimeProvider.System, between);
            using TlsCarrier server = TlsCarrier.AsClient(far, deadline, TimeProvider.System, between);
            var back = new Thread(() => Pass(server, client));
            back.Start();
            Pass(client, server);
            back.Join();
        });
        relay.Start();

        var there = DataEndpoint.Tcp("127.0.0.1", ((System.Net.IPEndPoint)listener.LocalEndPoint!).Port);
        JoinException e = Assert.Throws<JoinException>(() => plane.Connect(options: With("node"), endpoint: there));
        Assert.Equal(RefusalCode.WrongToken, e.Refusal);
        Assert.Empty(plane.Requests);
        relay.Join();

        static void Pass(TlsCarrier from, TlsCarrier to)
        {
            byte[] buffer = new byte[4096];
            while (from.Receive(buffer, out int count) == CarrierStatus.Done && to.Send(buffer.AsSpan(0, count)) == CarrierStatus.Done)
            {
            }
            from.Abort();
            to.Abort();
        }
    }

    [Theory]
    [InlineData(5_000, true)]
    [InlineData(200_000, true)]
    [InlineData(5_000, false)]
    public void A_bit_that_is_changed_on_the_way_ends_the_connection(int at, bool upstream)
    {
        using var plane = new Plane(Plane.Encrypted());
        using var wire = new FaultyWire(plane.Listener.Endpoint, at, upstream, flip: 1);
        Recorder client = plane.Connect(endpoint: wire.Endpoint);
        Recorder server = plane.NextServer();
        using var payload = new NativeBytes(1 << 20, seed: 1);
        (upstream ? client : server).Connection!.Send(Sending.Frame(payload), Bounds.Generous);
        CloseReason reason = (upstream ? server : client).WaitClosed();
        Assert.Equal(CloseKind.Reset, reason.Kind);
        Assert.Empty((upstream ? server : client).Frames);
    }

    [Fact]
    public void Nothing_of_what_is_sent_can_be_read_on_the_way()
    {
        byte[] secret = Encoding.ASCII.GetBytes("a gradient that nobody else shall see");
        using var tap = new Tap();
        using var plane = new Plane(Plane.Encrypted());
        tap.PointTo(plane.Listener.Endpoint.Port);
        Recorder client = plane.Connect(endpoint: tap.Endpoint);
        Recorder server = plane.NextServer();
        using var payload = new NativeBytes(secret.Length);
        secret.CopyTo(payload.Span);
        client.Connection!.Send(Sending.Frame(payload), Bounds.Generous);
        Assert.Equal(secret, server.Next().Payload);
        Assert.True(tap.Seen.Length > 500);
        Assert.Equal(-1, tap.Seen.AsSpan().IndexOf(secret));
        Assert.Equal(-1, tap.Seen.AsSpan().IndexOf("LKST"u8));
        Assert.Equal(-1, tap.Seen.AsSpan().IndexOf("hello"u8));
    }

    [Fact]
    public void A_peer_that_is_silent_or_stuck_is_given_up_under_TLS_too()
    {
        ConnectionOptions quick = new()
        {
            PingInterval = TimeSpan.FromMilliseconds(50),
            SilenceLimit = TimeSpan.FromSeconds(1),
            SendTimeout = TimeSpan.FromMilliseconds(500),
            TcpReceiveBuffer = 8192,
            LocalSocketBuffer = 8192,
        };
        using var plane = new Plane(Plane.Encrypted(quick));
        using TlsCarrier silent = Join(plane);
        Assert.Equal(CloseKind.Silent, plane.NextServer().WaitClosed().Kind);

        using TlsCarrier stuck = Join(plane);
        Recorder server = plane.NextServer();
        using var stop = new ManualResetEventSlim();
        var pinger = new Thread(() =>
        {
            byte[] ping = new byte[FrameCodec.HeaderLength];
            FrameCodec.Encode(new FrameHeader(FrameType.Ping, 0, 0, Checksum.Of([]), default), ping);
            while (!stop.Wait(50) && stuck.Send(ping) == CarrierStatus.Done)
            {
            }
        });
        pinger.Start();
        using var payload = new NativeBytes(1 << 20);
        Bounds.Await(() => server.Connection is not null, "it is open");
        for (int i = 0; i < 20; i++)
            server.Connection!.TrySend(Sending.Frame(payload));
        Assert.Equal(CloseKind.Stuck, server.WaitClosed().Kind);
        stop.Set();
        pinger.Join();
    }

    private static TlsCarrier Join(Plane plane)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8192 };
        socket.Connect(System.Net.IPAddress.Loopback, plane.Listener.Endpoint.Port);
        Deadline deadline = new(TimeProvider.System, Bounds.Generous);
        TlsCarrier carrier = TlsCarrier.AsClient(socket, deadline, TimeProvider.System, plane.Options.Identity!);
        RawPeer.Introduce(new HandshakeStream(carrier, deadline), plane);
        return carrier;
    }

    // A client by the book of TLS that takes whatever server it meets.
    private static void Intrude(Plane plane, X509Certificate2? certificate)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(System.Net.IPAddress.Loopback, plane.Listener.Endpoint.Port);
        using var tls = new SslStream(new NetworkStream(socket), false, (_, _, _, _) => true);
        try
        {
            tls.AuthenticateAsClient(new SslClientAuthenticationOptions { TargetHost = "", ClientCertificates = certificate is null ? [] : [certificate] });
            // In TLS 1.3 the client is done before the server has judged it.
            tls.Write(new byte[100]);
            Assert.Equal(0, tls.Read(new byte[100]));
        }
        catch (Exception e) when (e is IOException or AuthenticationException or NotSupportedException)
        {
            // Turned away by an alert, or by the end of the connection.
        }
    }
}
