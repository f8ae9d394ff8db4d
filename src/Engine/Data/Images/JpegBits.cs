namespace Lockstep.Engine.Data.Images;

/// <summary>A Huffman code of a JPEG file.</summary>
internal sealed class JpegCode
{
    /// <summary>Codes up to this long are looked up at once.</summary>
    public const int FastBits = 9;

    private readonly ushort[] _fast = new ushort[1 << FastBits];
    private readonly int[] _limit = new int[18];
    private readonly int[] _offset = new int[17];
    private readonly byte[] _symbols;

    /// <param name="counts">How many codes there are of 1 to 16 bits.</param>
    /// <param name="symbols">What they mean, the shortest first.</param>
    /// <exception cref="ImageException">There are more codes than their lengths allow.</exception>
    public JpegCode(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols)
    {
        _symbols = symbols.ToArray();
        int code = 0, index = 0;
        for (int length = 1; length <= 16; length++)
        {
            _offset[length] = index - code;
            for (int i = 0; i < counts[length - 1]; i++, code++, index++)
            {
                if (length > FastBits || code >= 1 << length)
                    continue;
                int first = code << (FastBits - length);
                _fast.AsSpan(first, 1 << (FastBits - length)).Fill((ushort)((length << 8) | symbols[index]));
            }
            if (code > 1 << length)
                throw new ImageException("The JPEG file has a Huffman table with too many codes.");
            _limit[length] = code << (16 - length);
            code <<= 1;
        }
        _limit[17] = int.MaxValue;
    }

    /// <summary>The symbol at the start of 16 bits, and how long its code is.</summary>
    public byte Find(int bits, out int length)
    {
        int fast = _fast[bits >> (16 - FastBits)];
        if (fast != 0)
        {
            length = fast >> 8;
            return (byte)fast;
        }
        length = 1;
        while (bits >= _limit[length])
            length++;
        if (length > 16)
            throw new ImageException("The JPEG file has a code that its Huffman table has not.");
        return _symbols[(bits >> (16 - length)) + _offset[length]];
    }
}

/// <summary>The bits of a JPEG file's scan: a zero byte after 0xFF is left out, and any other byte after it is a marker, at which they end.</summary>
internal sealed class JpegBits(byte[] content)
{
    private uint _bits;
    private int _count;

    /// <summary>Where the next byte is read.</summary>
    public int Position { get; set; }

    /// <summary>Forgets the bits that are left of the last byte.</summary>
    public void Align() => (_bits, _count) = (0, 0);

    public byte Symbol(JpegCode code)
    {
        Fill();
        byte symbol = code.Find((int)(_bits >> 16), out int length);
        Take(length);
        return symbol;
    }

    /// <summary>A number of so many bits, 0 to 16.</summary>
    public int Number(int length)
    {
        if (length == 0)
            return 0;
        Fill();
        int number = (int)(_bits >> (32 - length));
        Take(length);
        return number;
    }

    /// <summary>A signed number in the format's way: one whose first bit is 0 is negative.</summary>
    public int Signed(int length)
    {
        int number = Number(length);
        return length == 0 || number >= 1 << (length - 1) ? number : number - (1 << length) + 1;
    }

    private void Take(int length)
    {
        if (length > _count)
            throw new ImageException("The JPEG file has too few pixels: it is cut off.");
        _bits <<= length;
        _count -= length;
    }

    private void Fill()
    {
        while (_count <= 24 && Position < content.Length)
        {
            byte next = content[Position];
            if (next == 0xFF)
            {
                if (Position + 1 >= content.Length || content[Position + 1] != 0)
                    return;
                Position++;
            }
            Position++;
            _bits |= (uint)next << (24 - _count);
            _count += 8;
        }
    }
}
