namespace Lockstep.Engine.Data.Images;

/// <summary>One of a JPEG file's components: luma, or one of the two chromas.</summary>
internal sealed class JpegComponent(int id, int across, int down, int quantizer)
{
    private byte[] _pixels = [];
    private short[] _coefficients = [];

    public int Id => id;

    /// <summary>Blocks across and down that it has in a unit of the interleaved order.</summary>
    public int Across => across;

    public int Down => down;

    /// <summary>Which quantization table it has.</summary>
    public int Quantizer => quantizer;

    /// <summary>Pixels that count.</summary>
    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>Blocks that count, and blocks of a row with those that only fill up the last unit.</summary>
    public int BlocksAcross { get; private set; }

    public int BlocksDown { get; private set; }

    public int BlocksStride { get; private set; }

    /// <summary>The first coefficient of the block before, of which the next says the difference.</summary>
    public int Previous { get; set; }

    public JpegCode? DcCode { get; set; }

    public JpegCode? AcCode { get; set; }

    /// <summary>Whether a scan has brought first coefficients.</summary>
    public bool IsBegun { get; set; }

    public void Lay(int width, int height, int mostAcross, int mostDown, int unitsAcross, int unitsDown)
    {
        Width = (width * across + mostAcross - 1) / mostAcross;
        Height = (height * down + mostDown - 1) / mostDown;
        (BlocksAcross, BlocksDown) = ((Width + 7) / 8, (Height + 7) / 8);
        BlocksStride = unitsAcross * across;
        _coefficients = new short[checked(BlocksStride * unitsDown * down * 64)];
    }

    public Span<short> Block(int x, int y) => _coefficients.AsSpan((y * BlocksStride + x) * 64, 64);

    /// <summary>Makes the pixels of all blocks that count.</summary>
    /// <param name="quantizers">64 factors, row by row.</param>
    public void MakePixels(ReadOnlySpan<ushort> quantizers)
    {
        int stride = BlocksStride * 8;
        _pixels = new byte[checked(stride * BlocksDown * 8)];
        Span<int> block = stackalloc int[64];
        for (int y = 0; y < BlocksDown; y++)
        {
            for (int x = 0; x < BlocksAcross; x++)
            {
                Span<short> coefficients = Block(x, y);
                for (int i = 0; i < 64; i++)
                    block[i] = coefficients[i] * quantizers[i];
                JpegTransform.Inverse(block, _pixels.AsSpan(y * 8 * stride + x * 8), stride);
            }
        }
        _coefficients = [];
    }

    public ReadOnlySpan<byte> Row(int y) => _pixels.AsSpan(y * BlocksStride * 8, Width);
}
