using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;

namespace Lockstep.Cli.Pictures;

/// <summary>Writes pictures in the PNG format (ISO/IEC 15948): 8 bits a sample, gray or RGB, no filter of rows.</summary>
internal static class PngFile
{
    private const byte Gray = 0, Rgb = 2;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Writes a picture.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="picture">The picture.</param>
    public static void Write(Stream stream, Picture picture) => Write(stream, picture, Packed(picture));

    /// <summary>Writes a picture without compressing it: the same bytes wherever it is written, which a compressor does not promise.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="picture">The picture, at most 65,535 bytes with one more for each row.</param>
    public static void WriteStored(Stream stream, Picture picture) => Write(stream, picture, Stored(picture));

    private static void Write(Stream stream, Picture picture, byte[] packed)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), picture.Height);
        header[8] = 8;
        header[9] = picture.Channels == 3 ? Rgb : Gray;
        stream.Write(Signature);
        Chunk(stream, "IHDR", header);
        Chunk(stream, "IDAT", packed);
        Chunk(stream, "IEND", []);
    }

    private static byte[] Packed(Picture picture)
    {
        using var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (int y = 0; y < picture.Height; y++)
            {
                // Every row begins with the number of its filter: none.
                deflate.WriteByte(0);
                deflate.Write(picture.Row(y));
            }
        }
        return packed.ToArray();
    }

    // One stored block (RFC 1951, 3.2.4) between the header and the checksum of a zlib stream (RFC 1950).
    private static byte[] Stored(Picture picture)
    {
        int rowBytes = (picture.Width * picture.Channels) + 1;
        ushort length = checked((ushort)(picture.Height * rowBytes));
        byte[] stored = new byte[2 + 5 + length + 4];
        (stored[0], stored[1], stored[2]) = (0x78, 0x01, 0x01);
        BinaryPrimitives.WriteUInt16LittleEndian(stored.AsSpan(3), length);
        BinaryPrimitives.WriteUInt16LittleEndian(stored.AsSpan(5), (ushort)~length);
        for (int y = 0; y < picture.Height; y++)
            picture.Row(y).CopyTo(stored.AsSpan(7 + (y * rowBytes) + 1));
        BinaryPrimitives.WriteUInt32BigEndian(stored.AsSpan(7 + length), Adler32(stored.AsSpan(7, length)));
        return stored;
    }

    private static uint Adler32(ReadOnlySpan<byte> bytes)
    {
        const uint modulus = 65521;
        (uint a, uint b) = (1, 0);
        foreach (byte value in bytes)
        {
            a = (a + value) % modulus;
            b = (b + a) % modulus;
        }
        return (b << 16) | a;
    }

    private static void Chunk(Stream stream, string type, byte[] content)
    {
        byte[] name = Encoding.ASCII.GetBytes(type);
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        stream.Write(number);
        stream.Write(name);
        stream.Write(content);
        var checksum = new Crc32();
        checksum.Append(name);
        checksum.Append(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, checksum.GetCurrentHashAsUInt32());
        stream.Write(number);
    }
}
