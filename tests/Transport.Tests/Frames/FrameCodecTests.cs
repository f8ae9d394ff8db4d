using CsCheck;
using Lockstep.Transport.Frames;
using Xunit;

namespace Lockstep.Transport.Tests.Frames;

public sealed class FrameCodecTests
{
    private static readonly FrameLimits Limits = FrameLimits.Open(1 << 20);

    private static readonly Gen<FrameHeader> Headers =
        from kind in Gen.UShort
        from length in Gen.Int[0, 1 << 20]
        from checksum in Gen.ULong
        from a in Gen.ULong
        from b in Gen.ULong
        from c in Gen.ULong
        from d in Gen.ULong
        select new FrameHeader(FrameType.Data, kind, length, checksum, new ApplicationHeader(a, b, c, d));

    // Made with a Python transcription of the XXH3 specification (lengths 9-16 and 33-64), not with this code:
    // b"LKST" + pack("<HHHHIQ", 1, 1, 0x1234, 0, 16, xxh3(bytes(range(16)))) + bytes(range(0xA0, 0xC0)), then pack("<Q", xxh3(of that)).
    [Fact]
    public void The_bytes_of_a_header_are_these_for_ever()
    {
        byte[] application = [.. Enumerable.Range(0xA0, 32).Select(i => (byte)i)];
        byte[] payload = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];
        var header = new FrameHeader(
            FrameType.Data, 0x1234, 16, Checksum.Of(payload), System.Runtime.InteropServices.MemoryMarshal.Read<ApplicationHeader>(application));
        byte[] bytes = new byte[64];
        FrameCodec.Encode(in header, bytes);
        Assert.Equal(
            "4c4b5354010001003412000010000000db7017f6a6e35583a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf606003e819ffffe9",
            Convert.ToHexStringLower(bytes));
    }

    [Fact]
    public void The_checksum_of_nothing_is_the_published_one() => Assert.Equal(0x2d06800538d394c2UL, Checksum.Of([]));

    [Fact]
    public void What_is_encoded_is_decoded() => Headers.Sample(header =>
    {
        byte[] bytes = Encode(header);
        Assert.Equal(FrameFault.None, FrameCodec.Decode(bytes, Limits, out FrameHeader decoded));
        Assert.Equal(header, decoded);
    });

    [Fact]
    public void No_flipped_bit_gets_through() => Gen.Select(Headers, Gen.Int[0, 511]).Sample((header, bit) =>
    {
        byte[] bytes = Encode(header);
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        Assert.NotEqual(FrameFault.None, FrameCodec.Decode(bytes, Limits, out _));
    });

    [Fact]
    public void Rubbish_is_refused_and_never_throws() => Gen.Byte.Array[64].Sample(bytes =>
        Assert.NotEqual(FrameFault.None, FrameCodec.Decode(bytes, Limits, out _)));

    [Fact]
    public void No_header_that_is_taken_asks_for_more_than_its_limit() =>
        Gen.Select(Gen.Byte.Array[64], Gen.Int[-1, 5000]).Sample((bytes, limit) =>
        {
            // A rubbish header with magic, version, flags and checksum mended reaches the checks behind them.
            bytes[0] = (byte)'L';
            bytes[1] = (byte)'K';
            bytes[2] = (byte)'S';
            bytes[3] = (byte)'T';
            (bytes[4], bytes[5], bytes[7], bytes[10], bytes[11]) = (1, 0, 0, 0, 0);
            bytes[6] %= 24;
            BitConverter.TryWriteBytes(bytes.AsSpan(56), Checksum.Of(bytes.AsSpan(0, 56)));
            if (FrameCodec.Decode(bytes, new FrameLimits(limit, Math.Min(limit, 100), FrameLimits.Never), out FrameHeader header) == FrameFault.None)
                Assert.InRange(header.PayloadLength, 0, Math.Max(limit, 0));
        });

    [Theory]
    [InlineData(0, 0x00, FrameFault.BadMagic)]
    [InlineData(4, 0x02, FrameFault.OtherVersion)]
    [InlineData(24, 0xFF, FrameFault.HeaderChecksum)]
    public void Each_fault_has_its_name(int index, byte value, FrameFault expected)
    {
        byte[] bytes = Encode(new FrameHeader(FrameType.Data, 1, 10, 0, default));
        bytes[index] = value;
        Assert.Equal(expected, FrameCodec.Decode(bytes, Limits, out _));
    }

    [Theory]
    [InlineData(FrameType.Data, (1 << 20) + 1, FrameFault.TooLong)]
    [InlineData(FrameType.Data, -1, FrameFault.TooLong)]
    [InlineData(FrameType.Data, int.MaxValue, FrameFault.TooLong)]
    [InlineData(FrameType.Close, FrameLimits.ControlPayload + 1, FrameFault.TooLong)]
    [InlineData(FrameType.Ping, 1, FrameFault.TooLong)]
    [InlineData(FrameType.Hello, 0, FrameFault.UnexpectedType)]
    [InlineData((FrameType)99, 0, FrameFault.UnexpectedType)]
    [InlineData(FrameType.Data, 1 << 20, FrameFault.None)]
    public void Each_type_has_its_limit(FrameType type, int length, FrameFault expected) =>
        Assert.Equal(expected, FrameCodec.Decode(Encode(new FrameHeader(type, 0, length, 0, default)), Limits, out _));

    [Fact]
    public void Unknown_flags_are_refused()
    {
        byte[] bytes = Encode(new FrameHeader(FrameType.Data, 0, 0, 0, default));
        bytes[10] = 1;
        BitConverter.TryWriteBytes(bytes.AsSpan(56), Checksum.Of(bytes.AsSpan(0, 56)));
        Assert.Equal(FrameFault.UnknownFlags, FrameCodec.Decode(bytes, Limits, out _));
    }

    [Fact]
    public void An_application_header_carries_a_struct_there_and_back()
    {
        var key = new Key(7, 1L << 40, 3, 5, 1.5f);
        Assert.Equal(key, ApplicationHeader.From(in key).As<Key>());
        Assert.Throws<ArgumentException>(() => ApplicationHeader.From((key, key)));
    }

    private static byte[] Encode(FrameHeader header)
    {
        byte[] bytes = new byte[FrameCodec.HeaderLength];
        FrameCodec.Encode(in header, bytes);
        return bytes;
    }

    private readonly record struct Key(int Term, long Step, int Bucket, int Leaves, float Note);
}
