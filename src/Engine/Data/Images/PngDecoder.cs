using System.Buffers.Binary;
using System.IO.Compression;

namespace Lockstep.Engine.Data.Images;

/// <summary>
/// PNG of every colour type and depth, interlaced or not, as red, green and blue bytes: of 16 bits the upper eight, grey in all three channels, without transparency,
/// and without regard to gamma and profiles.
/// </summary>
/// <remarks>Format: ISO/IEC 15948, Portable Network Graphics (W3C Recommendation, second edition, 2003).</remarks>
internal sealed class PngDecoder
{
    private const uint Header = 0x49484452, Palette = 0x504C5445, Data = 0x49444154, End = 0x49454E44;

    /// <summary>The passes of interlaced images: first column and row, and steps between them.</summary>
    private static readonly (int X, int Y, int StepX, int StepY)[] Passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private static readonly uint[] Checks = [.. Enumerable.Range(0, 256).Select(CheckOf)];

    private int _width, _height, _depth, _channels, _colour;
    private bool _interlaced;
    private byte[] _palette = [];

    /// <param name="content">The file after its signature.</param>
    /// <exception cref="ImageException">It breaks the format's rules.</exception>
    public static Picture Decode(ReadOnlySpan<byte> content)
    {
        var decoder = new PngDecoder();
        using var packed = new MemoryStream();
        for (bool first = true; ; first = false)
        {
            (uint type, ReadOnlySpan<byte> data) = NextChunk(ref content);
            if (first != (type == Header))
                throw new ImageException("The PNG file does not begin with its header, or has two.");
            if (type == Header)
                decoder.ReadHeader(data);
            else if (type == Palette)
                decoder.ReadPalette(data);
            else if (type == Data)
                packed.Write(data);
            else if (type == End)
                break;
            else if ((type & 0x20000000) == 0)
                throw new ImageException($"The PNG file has a chunk of the unknown critical type {type:x8}.");
        }
        packed.Position = 0;
        return decoder.Unpack(packed);
    }

    private static (uint Type, byte[] Data) NextChunk(ref ReadOnlySpan<byte> content)
    {
        if (content.Length < 12)
            throw new ImageException("The PNG file is cut off.");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(content);
        if (length > content.Length - 12)
            throw new ImageException("The PNG file is cut off.");
        ReadOnlySpan<byte> named = content.Slice(4, (int)length + 4);
        uint check = uint.MaxValue;
        foreach (byte value in named)
            check = Checks[(byte)(check ^ value)] ^ (check >> 8);
        if (~check != BinaryPrimitives.ReadUInt32BigEndian(content[(int)(length + 8)..]))
            throw new ImageException("A checksum of the PNG file is wrong.");
        content = content[((int)length + 12)..];
        return (BinaryPrimitives.ReadUInt32BigEndian(named), named[4..].ToArray());
    }

    private void ReadHeader(ReadOnlySpan<byte> data)
    {
        if (data.Length != 13)
            throw new ImageException($"The PNG file's header has {data.Length} bytes instead of 13.");
        (_width, _height) = (BinaryPrimitives.ReadInt32BigEndian(data), BinaryPrimitives.ReadInt32BigEndian(data[4..]));
        ImageFile.RequireSize(_width, _height);
        (_depth, _colour) = (data[8], data[9]);
        bool known = _colour switch
        {
            0 => _depth is 1 or 2 or 4 or 8 or 16,
            3 => _depth is 1 or 2 or 4 or 8,
            2 or 4 or 6 => _depth is 8 or 16,
            _ => false,
        };
        if (!known || data[10] != 0 || data[11] != 0 || data[12] > 1)
            throw new ImageException($"The PNG file's colour type {_colour}, depth {_depth} and methods {data[10]}, {data[11]}, {data[12]} are none that the format has.");
        _channels = _colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        _interlaced = data[12] == 1;
    }

    private void ReadPalette(ReadOnlySpan<byte> data)
    {
        if (data.Length is 0 or > 768 || data.Length % 3 != 0)
            throw new ImageException($"The PNG file's palette has {data.Length} bytes.");
        _palette = data.ToArray();
    }

    private Picture Unpack(Stream packed)
    {
        // Before memory is taken for pixels that cannot be there.
        if ((long)_width * _height * _channels * _depth / 8 > packed.Length * PackedFile.LargestRatio)
            throw new ImageException("The PNG file has too few pixels: it is cut off.");
        byte[] pixels = new byte[checked(_width * _height * 3)];
        try
        {
            using var stream = new ZLibStream(packed, CompressionMode.Decompress);
            foreach ((int x, int y, int stepX, int stepY) in _interlaced ? Passes : [(0, 0, 1, 1)])
                ReadPass(stream, pixels, x, y, stepX, stepY);
            // At its end the stream compares its checksum.
            stream.ReadByte();
        }
        catch (Exception fault) when (fault is InvalidDataException or IOException)
        {
            throw new ImageException("The PNG file's packed pixels are damaged.", inner: fault);
        }
        return new Picture(_width, _height, pixels);
    }

    private void ReadPass(ZLibStream stream, byte[] pixels, int firstX, int firstY, int stepX, int stepY)
    {
        int columns = (_width - firstX + stepX - 1) / stepX, rows = (_height - firstY + stepY - 1) / stepY;
        if (columns <= 0 || rows <= 0)
            return;
        int bits = _channels * _depth, before = Math.Max(1, bits / 8);
        byte[] line = new byte[(columns * bits + 7) / 8], above = new byte[line.Length];
        for (int row = 0; row < rows; row++)
        {
            int filter = stream.ReadByte();
            if (filter < 0 || stream.ReadAtLeast(line, line.Length, throwOnEndOfStream: false) < line.Length)
                throw new ImageException("The PNG file has too few pixels: it is cut off.");
            Unfilter(filter, line, above, before);
            int target = (firstY + row * stepY) * _width + firstX;
            for (int column = 0; column < columns; column++)
                WritePixel(line, column, pixels.AsSpan((target + column * stepX) * 3, 3));
            (line, above) = (above, line);
        }
    }

    private static void Unfilter(int filter, byte[] line, byte[] above, int before)
    {
        for (int i = 0; i < line.Length; i++)
        {
            int left = i < before ? 0 : line[i - before], up = above[i], corner = i < before ? 0 : above[i - before];
            line[i] += (byte)(filter switch
            {
                0 => 0,
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                4 => Paeth(left, up, corner),
                _ => throw new ImageException($"The PNG file has a line with the filter {filter}, which there is not."),
            });
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        int toLeft = Math.Abs(up - corner), toUp = Math.Abs(left - corner), toCorner = Math.Abs(left + up - 2 * corner);
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    private void WritePixel(byte[] line, int column, Span<byte> pixel)
    {
        int first = Sample(line, column * _channels);
        if (_colour == 3)
        {
            if (first * 3 >= _palette.Length)
                throw new ImageException($"The PNG file has a pixel of colour {first}, which its palette has not.");
            _palette.AsSpan(first * 3, 3).CopyTo(pixel);
        }
        else if (_channels >= 3)
        {
            pixel[0] = (byte)first;
            pixel[1] = (byte)Sample(line, column * _channels + 1);
            pixel[2] = (byte)Sample(line, column * _channels + 2);
        }
        else
        {
            pixel.Fill((byte)(_depth < 8 ? first * 255 / ((1 << _depth) - 1) : first));
        }
    }

    private int Sample(byte[] line, int index)
    {
        switch (_depth)
        {
            case 16:
                return line[index * 2];
            case 8:
                return line[index];
            default:
                int bit = index * _depth;
                return (line[bit / 8] >> (8 - _depth - bit % 8)) & ((1 << _depth) - 1);
        }
    }

    private static uint CheckOf(int value)
    {
        uint check = (uint)value;
        for (int i = 0; i < 8; i++)
            check = (check & 1) != 0 ? 0xEDB88320 ^ (check >> 1) : check >> 1;
        return check;
    }
}
