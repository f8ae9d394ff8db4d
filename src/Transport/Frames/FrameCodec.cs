using System.Buffers.Binary;

namespace Lockstep.Transport.Frames;

/// <summary>
/// The header on the wire, 64 bytes, little-endian:
/// <code>
///  0  u32  magic "LKST"                 12  u32  payload length
///  4  u16  transport version            16  u64  payload checksum
///  6  u16  frame type                   24  32 bytes of the application
///  8  u16  application kind             56  u64  checksum of bytes 0 to 55
/// 10  u16  flags, 0 in this version
/// </code>
/// Magic and version stay where they are in every later version, so that two versions can tell each other apart.
/// </summary>
public static class FrameCodec
{
    /// <summary>Bytes of a header.</summary>
    public const int HeaderLength = 64;

    /// <summary>The bytes L, K, S, T.</summary>
    public const uint Magic = 0x54534B4C;

    /// <summary>The version of this layout and of the handshake.</summary>
    public const ushort Version = 1;

    private const int ChecksumOffset = 56;

    /// <summary>Writes a header.</summary>
    /// <param name="header">What to say.</param>
    /// <param name="destination">At least 64 bytes.</param>
    public static void Encode(in FrameHeader header, Span<byte> destination)
    {
        destination = destination[..HeaderLength];
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[4..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[6..], (ushort)header.Type);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[8..], header.Kind);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[10..], 0);
        BinaryPrimitives.WriteInt32LittleEndian(destination[12..], header.PayloadLength);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], header.PayloadChecksum);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], header.Application.First);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[32..], header.Application.Second);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[40..], header.Application.Third);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[48..], header.Application.Fourth);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[ChecksumOffset..], Checksum.Of(destination[..ChecksumOffset]));
    }

    /// <summary>Reads a header; never throws on what a peer sent.</summary>
    /// <param name="source">At least 64 bytes.</param>
    /// <param name="limits">Which types may come here, and how long.</param>
    /// <param name="header">What the header says; only meaningful if the answer is <see cref="FrameFault.None"/>.</param>
    public static FrameFault Decode(ReadOnlySpan<byte> source, FrameLimits limits, out FrameHeader header)
    {
        source = source[..HeaderLength];
        header = default;
        if (!HasMagic(source))
            return FrameFault.BadMagic;
        if (VersionOf(source) != Version)
            return FrameFault.OtherVersion;
        if (BinaryPrimitives.ReadUInt64LittleEndian(source[ChecksumOffset..]) != Checksum.Of(source[..ChecksumOffset]))
            return FrameFault.HeaderChecksum;
        var type = (FrameType)BinaryPrimitives.ReadUInt16LittleEndian(source[6..]);
        int limit = limits.For(type);
        if (limit < 0)
            return FrameFault.UnexpectedType;
        if (BinaryPrimitives.ReadUInt16LittleEndian(source[10..]) != 0)
            return FrameFault.UnknownFlags;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(source[12..]);
        if (length > (uint)limit)
            return FrameFault.TooLong;

        header = new FrameHeader(
            type,
            BinaryPrimitives.ReadUInt16LittleEndian(source[8..]),
            (int)length,
            BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            new ApplicationHeader(
                BinaryPrimitives.ReadUInt64LittleEndian(source[24..]),
                BinaryPrimitives.ReadUInt64LittleEndian(source[32..]),
                BinaryPrimitives.ReadUInt64LittleEndian(source[40..]),
                BinaryPrimitives.ReadUInt64LittleEndian(source[48..])));
        return FrameFault.None;
    }

    /// <summary>Whether the first four bytes are those of a frame.</summary>
    public static bool HasMagic(ReadOnlySpan<byte> source) => BinaryPrimitives.ReadUInt32LittleEndian(source) == Magic;

    /// <summary>The transport version that a header claims.</summary>
    public static ushort VersionOf(ReadOnlySpan<byte> source) => BinaryPrimitives.ReadUInt16LittleEndian(source[4..]);
}
