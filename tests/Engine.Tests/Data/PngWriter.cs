using System.Buffers.Binary;
using System.IO.Compression;

namespace Lockstep.Engine.Tests.Data;

/// <summary>Writes PNG files of every kind, for the decoder to read.</summary>
internal static class PngWriter
{
    private static readonly (int X, int Y, int StepX, int StepY)[] Passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>Samples in the order [H, W, channels], each below 2^depth.</summary>
    public static byte[] Write(int width, int height, int colour, int depth, bool interlaced, int[] samples, byte[]? palette = null, Func<int, int>? filter = null)
    {
        int channels = colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        var lines = new MemoryStream();
        foreach ((int x0, int y0, int stepX, int stepY) in interlaced ? Passes : [(0, 0, 1, 1)])
            WritePass(x0, y0, stepX, stepY);
        var packed = new MemoryStream();
        using (var stream = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            stream.Write(lines.ToArray());

        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)colour, (byte)(interlaced ? 1 : 0));
        // The packed pixels come in two chunks, with one between that says nothing.
        byte[] data = packed.ToArray();
        return
        [
            0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10, .. Chunk("IHDR", header), .. palette is null ? [] : Chunk("PLTE", palette), .. Chunk("IDAT", data[..(data.Length / 2)]),
            .. Chunk("IDAT", data[(data.Length / 2)..]), .. Chunk("teXt", [1, 2, 3]), .. Chunk("IEND", []),
        ];

        void WritePass(int x0, int y0, int stepX, int stepY)
        {
            int columns = (width - x0 + stepX - 1) / stepX;
            byte[] above = new byte[(Math.Max(columns, 0) * channels * depth + 7) / 8];
            for (int y = y0; y < height && columns > 0; y += stepY)
            {
                byte[] line = new byte[above.Length];
                for (int i = 0; i < columns * channels; i++)
                    Put(line, i, samples[(y * width + x0 + i / channels * stepX) * channels + i % channels]);
                int used = filter?.Invoke(y) ?? 0;
                lines.WriteByte((byte)used);
                lines.Write(Filtered(used, line, above, Math.Max(1, channels * depth / 8)));
                above = line;
            }
        }

        void Put(byte[] line, int index, int sample)
        {
            if (depth == 16)
                BinaryPrimitives.WriteUInt16BigEndian(line.AsSpan(2 * index), (ushort)sample);
            else
                line[index * depth / 8] |= (byte)(sample << (8 - depth - index * depth % 8));
        }
    }

    public static byte[] Chunk(string type, byte[] data)
    {
        byte[] chunk = new byte[data.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        System.Text.Encoding.ASCII.GetBytes(type).CopyTo(chunk, 4);
        data.CopyTo(chunk, 8);
        uint check = uint.MaxValue;
        foreach (byte value in chunk.AsSpan(4, data.Length + 4))
        {
            check ^= value;
            for (int bit = 0; bit < 8; bit++)
                check = (check & 1) != 0 ? 0xEDB88320 ^ (check >> 1) : check >> 1;
        }
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(data.Length + 8), ~check);
        return chunk;
    }

    private static byte[] Filtered(int filter, byte[] line, byte[] above, int before) => [.. line.Select((value, i) =>
    {
        int left = i < before ? 0 : line[i - before], up = above[i], corner = i < before ? 0 : above[i - before], guess = left + up - corner;
        int paeth = new[] { left, up, corner }.MinBy(candidate => Math.Abs(guess - candidate));
        return (byte)(value - (filter switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, _ => paeth }));
    })];
}
