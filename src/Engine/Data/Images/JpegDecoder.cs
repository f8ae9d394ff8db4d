using System.Buffers.Binary;

namespace Lockstep.Engine.Data.Images;

/// <summary>
/// JPEG with Huffman codes and 8 bits, sequential or progressive, grey, YCbCr or RGB, as red, green and blue bytes. All coefficients are read before pixels are made.
/// What must come and does not is a fault. Orientation and profiles are left alone.
/// </summary>
/// <remarks>Format: ITU-T Recommendation T.81 (1992), and JFIF 1.02; the meaning of three components without JFIF by Adobe's APP14 marker.</remarks>
internal sealed class JpegDecoder(byte[] content)
{
    private readonly ushort[]?[] _quantizers = new ushort[4][];
    private readonly JpegCode?[] _dcCodes = new JpegCode[4], _acCodes = new JpegCode[4];
    private readonly JpegBits _bits = new(content);
    private JpegComponent[] _components = [];
    private int _width, _height, _unitsAcross, _unitsDown, _mostAcross, _mostDown, _restartEvery;
    private int _transform = -1;
    private bool _isProgressive;
    private int _position = 2;

    /// <exception cref="ImageException">It breaks the format's rules, or is of a kind that is not read.</exception>
    public Picture Decode()
    {
        while (NextMarker() is var marker && marker != 0xD9)
        {
            if (marker is 0x01 or (>= 0xD0 and <= 0xD7))
                continue;
            ReadOnlySpan<byte> segment = Segment();
            switch (marker)
            {
                case 0xC0 or 0xC1 or 0xC2:
                    ReadFrame(segment, marker == 0xC2);
                    break;
                case 0xC4:
                    ReadCodes(segment);
                    break;
                case 0xDB:
                    ReadQuantizers(segment);
                    break;
                case 0xDD:
                    Require(segment.Length == 2, "a restart interval of another length than 2");
                    _restartEvery = BinaryPrimitives.ReadUInt16BigEndian(segment);
                    break;
                case 0xDA:
                    ReadScan(segment);
                    break;
                case 0xEE when segment.Length >= 12 && segment.StartsWith("Adobe"u8):
                    _transform = segment[11];
                    break;
                case (>= 0xC3 and <= 0xCF) or 0xDC:
                    throw new ImageException("The JPEG file is lossless, hierarchical, arithmetically coded or without a height, which is not read.", "Save it as an ordinary JPEG file.");
            }
        }
        return MakePicture();
    }

    private int NextMarker()
    {
        // Between segments there may be filling bytes 0xFF, and nothing else.
        if (_position + 1 >= content.Length || content[_position] != 0xFF)
            throw new ImageException("The JPEG file is cut off, or has something between its segments.");
        while (_position < content.Length && content[_position] == 0xFF)
            _position++;
        return _position < content.Length ? content[_position++] : throw new ImageException("The JPEG file is cut off.");
    }

    private ReadOnlySpan<byte> Segment()
    {
        ReadOnlySpan<byte> rest = content.AsSpan(_position);
        int length = rest.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (length < 2 || length > rest.Length)
            throw new ImageException("The JPEG file is cut off.");
        _position += length;
        return rest[2..length];
    }

    private void ReadFrame(ReadOnlySpan<byte> segment, bool isProgressive)
    {
        Require(_components.Length == 0, "two frames");
        Require(segment.Length >= 6 && segment.Length == 6 + 3 * segment[5], "a frame header of a wrong length");
        if (segment[0] != 8 || segment[5] is not (1 or 3))
            throw new ImageException($"The JPEG file has {segment[5]} components of {segment[0]} bits; 1 or 3 of 8 bits are read.", "Save it as a grey or RGB file of 8 bits.");
        (_height, _width) = (BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]));
        ImageFile.RequireSize(_width, _height);
        var components = new JpegComponent[segment[5]];
        for (int i = 0; i < components.Length; i++)
        {
            ReadOnlySpan<byte> part = segment.Slice(6 + 3 * i, 3);
            (int across, int down) = (part[1] >> 4, part[1] & 15);
            Require(across is >= 1 and <= 4 && down is >= 1 and <= 4 && part[2] < 4, "a component with impossible sampling or quantization");
            // One component alone is never interleaved, whatever its factors say.
            components[i] = components.Length == 1 ? new JpegComponent(part[0], 1, 1, part[2]) : new JpegComponent(part[0], across, down, part[2]);
        }
        Require(components.DistinctBy(component => component.Id).Count() == components.Length, "two components of one name");
        (_mostAcross, _mostDown) = (components.Max(component => component.Across), components.Max(component => component.Down));
        // Before memory is taken for them: every block takes at least a bit, since every code does.
        Require(components.Sum(component => Blocks(_width * component.Across, _mostAcross) * Blocks(_height * component.Down, _mostDown)) <= 8L * content.Length, "fewer bytes than its pixels need");
        Require(components.All(component => _mostAcross % component.Across == 0 && _mostDown % component.Down == 0), "components whose samples do not cover each other");
        (_unitsAcross, _unitsDown) = ((_width + 8 * _mostAcross - 1) / (8 * _mostAcross), (_height + 8 * _mostDown - 1) / (8 * _mostDown));
        foreach (JpegComponent component in components)
            component.Lay(_width, _height, _mostAcross, _mostDown, _unitsAcross, _unitsDown);
        (_components, _isProgressive) = (components, isProgressive);
    }

    private void ReadQuantizers(ReadOnlySpan<byte> segment)
    {
        while (segment.Length > 0)
        {
            (int size, int slot) = (segment[0] >> 4, segment[0] & 15);
            Require(size <= 1 && slot < 4 && segment.Length > 64 * (size + 1), "an impossible quantization table");
            ushort[] table = new ushort[64];
            for (int i = 0; i < 64; i++)
                table[JpegScan.Zigzag[i]] = size == 0 ? segment[1 + i] : BinaryPrimitives.ReadUInt16BigEndian(segment[(1 + 2 * i)..]);
            _quantizers[slot] = table;
            segment = segment[(1 + 64 * (size + 1))..];
        }
    }

    private void ReadCodes(ReadOnlySpan<byte> segment)
    {
        while (segment.Length > 0)
        {
            (int kind, int slot) = (segment[0] >> 4, segment[0] & 15);
            Require(kind <= 1 && slot < 4 && segment.Length >= 17, "an impossible Huffman table");
            ReadOnlySpan<byte> counts = segment.Slice(1, 16);
            int symbols = 0;
            foreach (byte count in counts)
                symbols += count;
            Require(symbols <= 256 && segment.Length >= 17 + symbols, "an impossible Huffman table");
            (kind == 0 ? _dcCodes : _acCodes)[slot] = new JpegCode(counts, segment.Slice(17, symbols));
            segment = segment[(17 + symbols)..];
        }
    }

    private void ReadScan(ReadOnlySpan<byte> segment)
    {
        Require(_components.Length > 0, "a scan before its frame");
        Require(segment.Length >= 1 && segment[0] is >= 1 and <= 3 && segment.Length == 4 + 2 * segment[0], "a scan header of a wrong length");
        ReadOnlySpan<byte> rest = segment[(1 + 2 * segment[0])..];
        (int first, int last, int high, int low) = (rest[0], rest[1], rest[2] >> 4, rest[2] & 15);
        if (!_isProgressive)
            (first, last, high, low) = (0, 63, 0, 0);
        Require(first <= last && last < 64 && low < 14 && (high == 0 || high == low + 1) && (!_isProgressive || (first == 0) == (last == 0)), "a scan of impossible coefficients");

        var components = new JpegComponent[segment[0]];
        for (int i = 0; i < components.Length; i++)
        {
            (int id, int codes) = (segment[1 + 2 * i], segment[2 + 2 * i]);
            components[i] = Array.Find(_components, component => component.Id == id) ?? throw new ImageException($"The JPEG file has a scan of component {id}, which there is not.");
            Require((codes >> 4) < 4 && (codes & 15) < 4, "a scan with an impossible Huffman table");
            (components[i].DcCode, components[i].AcCode) = (_dcCodes[codes >> 4], _acCodes[codes & 15]);
            Require(first > 0 || high > 0 || components[i].DcCode is not null, "a scan without its Huffman table");
            Require(last == 0 || components[i].AcCode is not null, "a scan without its Huffman table");
            components[i].IsBegun |= first == 0;
            Require(components[i].IsBegun, "a scan of later coefficients before that of the first");
        }
        Require(components.Distinct().Count() == components.Length && (first == 0 || components.Length == 1), "a scan of impossible components");

        _bits.Position = _position;
        _bits.Align();
        ReadUnits(components, new JpegScan(_bits, _isProgressive, first, last, high, low));
        _position = _bits.Position;
    }

    private void ReadUnits(JpegComponent[] components, JpegScan scan)
    {
        JpegComponent only = components[0];
        bool alone = components.Length == 1;
        (int across, int down) = alone ? (only.BlocksAcross, only.BlocksDown) : (_unitsAcross, _unitsDown);
        foreach (JpegComponent component in components)
            component.Previous = 0;
        int units = across * down;
        for (int unit = 0; unit < units; unit++)
        {
            if (_restartEvery > 0 && unit > 0 && unit % _restartEvery == 0)
                Restart(components, scan, (unit / _restartEvery - 1) % 8);
            (int y, int x) = Math.DivRem(unit, across);
            if (alone)
            {
                scan.ReadBlock(only, only.Block(x, y));
                continue;
            }
            foreach (JpegComponent component in components)
            {
                for (int block = 0; block < component.Across * component.Down; block++)
                    scan.ReadBlock(component, component.Block(x * component.Across + block % component.Across, y * component.Down + block / component.Across));
            }
        }
    }

    private void Restart(JpegComponent[] components, JpegScan scan, int number)
    {
        _bits.Align();
        int at = _bits.Position;
        if (at + 1 >= content.Length || content[at] != 0xFF || content[at + 1] != 0xD0 + number)
            throw new ImageException("The JPEG file lacks a restart marker.");
        _bits.Position = at + 2;
        scan.Restart();
        foreach (JpegComponent component in components)
            component.Previous = 0;
    }

    private Picture MakePicture()
    {
        Require(_components.Length > 0, "no frame");
        Require(_components.All(component => component.IsBegun), "a component without coefficients");
        foreach (JpegComponent component in _components)
            component.MakePixels(_quantizers[component.Quantizer] ?? throw new ImageException("The JPEG file lacks a quantization table."));

        byte[] pixels = new byte[checked(_width * _height * 3)];
        bool isRgb = _transform == 0 || (_transform < 0 && _components.Select(component => component.Id).SequenceEqual([(int)'R', 'G', 'B']));
        byte[][] rows = [.. _components.Select(_ => new byte[_width])];
        for (int y = 0; y < _height; y++)
        {
            for (int i = 0; i < rows.Length; i++)
                JpegTransform.Upsample(_components[i], y, _mostAcross / _components[i].Across, _mostDown / _components[i].Down, rows[i]);
            if (rows.Length == 3 && !isRgb)
                JpegTransform.ToColours(rows[0], rows[1], rows[2]);
            Span<byte> line = pixels.AsSpan(y * _width * 3, _width * 3);
            for (int x = 0; x < _width; x++)
            {
                for (int channel = 0; channel < 3; channel++)
                    line[x * 3 + channel] = rows[rows.Length == 1 ? 0 : channel][x];
            }
        }
        return new Picture(_width, _height, pixels);
    }

    private static long Blocks(int samples, int of) => (samples + (8L * of) - 1) / (8L * of);

    private static void Require(bool holds, string what)
    {
        if (!holds)
            throw new ImageException($"The JPEG file has {what}.");
    }
}
