using CsCheck;
using Lockstep.Transport.Joining;
using Xunit;

namespace Lockstep.Transport.Tests.Joining;

public sealed class HandshakeMessageTests
{
    [Fact]
    public void A_hello_reads_back() => Gen.Select(Gen.UInt, Gen.Byte.Array[32], Gen.Byte.Array[0, 4096]).Sample((version, nonce, hello) =>
    {
        HelloMessage? read = HandshakeMessages.DecodeHello(HandshakeMessages.Encode(new HelloMessage(version, nonce, "build ä", hello)));
        Assert.NotNull(read);
        Assert.Equal((version, "build ä"), (read.ProtocolVersion, read.BuildFingerprint));
        Assert.Equal(nonce, read.Nonce);
        Assert.Equal(hello, read.Hello);
    });

    [Fact]
    public void A_verdict_reads_back_and_its_text_is_cut_to_the_limit()
    {
        var verdict = new VerdictMessage(RefusalCode.Other, new string('ü', 5000), [1, 2, 3], new byte[32]);
        VerdictMessage? read = HandshakeMessages.DecodeVerdict(HandshakeMessages.Encode(verdict));
        Assert.NotNull(read);
        Assert.Equal(new string('ü', 512), read.Text);
        Assert.Equal([1, 2, 3], read.Welcome);
    }

    [Fact]
    public void Rubbish_never_throws() => Gen.Byte.Array[0, 300].Sample(bytes =>
    {
        HandshakeMessages.DecodeHello(bytes);
        HandshakeMessages.DecodeChallenge(bytes);
        HandshakeMessages.DecodeVerdict(bytes);
    });

    [Fact]
    public void A_message_cut_anywhere_is_refused()
    {
        byte[] hello = HandshakeMessages.Encode(new HelloMessage(1, new byte[32], "build", [1, 2, 3]));
        for (int length = 0; length < hello.Length; length++)
            Assert.Null(HandshakeMessages.DecodeHello(hello.AsSpan(0, length)));
        Assert.Null(HandshakeMessages.DecodeHello([.. hello, 0]));
    }

    // hmac.new(bytes(range(20)), b"lockstep data plane 1, client\0" + sha256(b"hello") + sha256(b"challenge") + sha256(b""), sha256)
    // in Python, and the same for the server with sha256(b"verdict") last
    [Fact]
    public void The_proofs_are_these()
    {
        var token = JoinToken.Parse("aaaqeaye-audaocaj-bifqydio-b4ibceqt");
        Assert.Equal(
            "b838a124845b53f1f55ae67bca6f4d507bfaba53f93c56053ffb4af376af296b",
            Convert.ToHexStringLower(HandshakeProof.OfClient(token, "hello"u8, "challenge"u8)));
        Assert.Equal(
            "c2089dbd16a9d873dcecfffebfd025d2099fe8301d6947cdefb8b63fc84b0144",
            Convert.ToHexStringLower(HandshakeProof.OfServer(token, "hello"u8, "challenge"u8, "verdict"u8)));
    }
}
