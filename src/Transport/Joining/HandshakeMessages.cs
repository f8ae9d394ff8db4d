using System.Buffers.Binary;
using System.Text;
using Lockstep.Transport.Connections;

namespace Lockstep.Transport.Joining;

/// <summary>Client to server. The protocol version stays first in every later layout, so that it can always be compared.</summary>
internal sealed record HelloMessage(uint ProtocolVersion, byte[] Nonce, string BuildFingerprint, byte[] Hello);

/// <summary>Server to client.</summary>
internal sealed record ChallengeMessage(uint ProtocolVersion, byte[] Nonce);

/// <summary>Server to client; the proof is zero in a refusal.</summary>
internal sealed record VerdictMessage(RefusalCode Refusal, string Text, byte[] Welcome, byte[] Proof);

/// <summary>
/// The handshake's payloads, little-endian:
/// <code>
/// hello      u32 protocol version, 32 nonce, u16 length and build fingerprint, u16 length and hello
/// challenge  u32 protocol version, 32 nonce
/// proof      32 bytes
/// verdict    32 proof, u16 refusal code, u16 length and text, u32 length and welcome
/// </code>
/// Decoding answers null for anything else; never throws.
/// </summary>
internal static class HandshakeMessages
{
    public const int MaximumHello = 4 * 1024;
    public const int MaximumWelcome = 64 * 1024;
    public const int MaximumText = 1024;

    public const int MaximumHelloPayload =
        4 + HandshakeProof.NonceLength + 2 + JoinOptions.MaximumFingerprint + 2 + MaximumHello;

    public const int ChallengeLength = 4 + HandshakeProof.NonceLength;
    public const int MaximumVerdictPayload = HandshakeProof.Length + 2 + 2 + MaximumText + 4 + MaximumWelcome;

    public static byte[] Encode(HelloMessage message)
    {
        byte[] build = Encoding.UTF8.GetBytes(message.BuildFingerprint);
        var writer = new Writer(4 + HandshakeProof.NonceLength + 2 + build.Length + 2 + message.Hello.Length);
        writer.UInt32(message.ProtocolVersion);
        writer.Bytes(message.Nonce);
        writer.UInt16((ushort)build.Length);
        writer.Bytes(build);
        writer.UInt16((ushort)message.Hello.Length);
        writer.Bytes(message.Hello);
        return writer.Result;
    }

    public static byte[] Encode(ChallengeMessage message)
    {
        var writer = new Writer(ChallengeLength);
        writer.UInt32(message.ProtocolVersion);
        writer.Bytes(message.Nonce);
        return writer.Result;
    }

    public static byte[] Encode(VerdictMessage message)
    {
        byte[] text = CloseText.Limited(message.Text, MaximumText);
        var writer = new Writer(HandshakeProof.Length + 2 + 2 + text.Length + 4 + message.Welcome.Length);
        writer.Bytes(message.Proof);
        writer.UInt16((ushort)message.Refusal);
        writer.UInt16((ushort)text.Length);
        writer.Bytes(text);
        writer.UInt32((uint)message.Welcome.Length);
        writer.Bytes(message.Welcome);
        return writer.Result;
    }

    /// <summary>What the server's proof covers: all of the verdict but the proof itself.</summary>
    public static ReadOnlySpan<byte> ProvenPart(ReadOnlySpan<byte> verdict) => verdict[HandshakeProof.Length..];

    /// <summary>The protocol version of a hello of any layout.</summary>
    public static uint? VersionOf(ReadOnlySpan<byte> hello) =>
        hello.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(hello) : null;

    public static HelloMessage? DecodeHello(ReadOnlySpan<byte> payload)
    {
        var reader = new Reader(payload);
        uint version = reader.UInt32();
        byte[] nonce = reader.Bytes(HandshakeProof.NonceLength);
        byte[] build = reader.Bytes(reader.UInt16(), JoinOptions.MaximumFingerprint);
        byte[] hello = reader.Bytes(reader.UInt16(), MaximumHello);
        return reader.IsComplete ? new HelloMessage(version, nonce, CloseText.Decode(build), hello) : null;
    }

    public static ChallengeMessage? DecodeChallenge(ReadOnlySpan<byte> payload)
    {
        var reader = new Reader(payload);
        uint version = reader.UInt32();
        byte[] nonce = reader.Bytes(HandshakeProof.NonceLength);
        return reader.IsComplete ? new ChallengeMessage(version, nonce) : null;
    }

    public static VerdictMessage? DecodeVerdict(ReadOnlySpan<byte> payload)
    {
        var reader = new Reader(payload);
        byte[] proof = reader.Bytes(HandshakeProof.Length);
        ushort refusal = reader.UInt16();
        byte[] text = reader.Bytes(reader.UInt16(), MaximumText);
        byte[] welcome = reader.Bytes(reader.UInt32(), MaximumWelcome);
        return reader.IsComplete
            ? new VerdictMessage((RefusalCode)refusal, CloseText.Decode(text), welcome, proof)
            : null;
    }

    private ref struct Writer(int length)
    {
        private int _at;

        public byte[] Result { get; } = new byte[length];

        public void UInt16(ushort value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(Result.AsSpan(_at), value);
            _at += sizeof(ushort);
        }

        public void UInt32(uint value)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(Result.AsSpan(_at), value);
            _at += sizeof(uint);
        }

        public void Bytes(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(Result.AsSpan(_at));
            _at += bytes.Length;
        }
    }

    /// <summary>Goes on with zeros after the first fault, which <see cref="IsComplete"/> tells.</summary>
    private ref struct Reader(ReadOnlySpan<byte> source)
    {
        private ReadOnlySpan<byte> _rest = source;
        private bool _failed;

        public readonly bool IsComplete => !_failed && _rest.IsEmpty;

        public ushort UInt16() => Take(sizeof(ushort)) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : (ushort)0;

        public uint UInt32() => Take(sizeof(uint)) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

        public byte[] Bytes(uint length, int maximum = int.MaxValue)
        {
            if (length <= maximum)
                return Take(length).ToArray();
            _failed = true;
            return [];
        }

        private ReadOnlySpan<byte> Take(uint length)
        {
            if (_failed || length > _rest.Length)
            {
                _failed = true;
                return [];
            }
            ReadOnlySpan<byte> bytes = _rest[..(int)length];
            _rest = _rest[(int)length..];
            return bytes;
        }
    }
}
