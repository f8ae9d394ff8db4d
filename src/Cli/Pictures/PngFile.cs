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
    public static void Write(Stream stream, Picture picture)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, picture.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), picture.Height);
        header[8] = 8;
        header[9] = picture.Channels == 3 ? Rgb : Gray;
        stream.Write(Signature);
        Chunk(stream, "IHDR", header);
        Chunk(stream, "IDAT", Packed(picture));
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
