namespace Lockstep.Engine.Data.Images;

/// <summary>The coefficients that one scan of a JPEG file brings.</summary>
/// <param name="bits">The scan's bits.</param>
/// <param name="isProgressive">Whether scans bring parts of the coefficients.</param>
/// <param name="first">The first coefficient in zigzag order.</param>
/// <param name="last">The last.</param>
/// <param name="high">Bits that scans before have brought; 0 in the first.</param>
/// <param name="low">Bits that are left to later scans.</param>
internal sealed class JpegScan(JpegBits bits, bool isProgressive, int first, int last, int high, int low)
{
    /// <summary>Where the coefficients of the zigzag order stand in a block.</summary>
    public static ReadOnlySpan<byte> Zigzag =>
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    /// <summary>Blocks for which nothing more comes.</summary>
    private int _endRun;

    public void Restart() => _endRun = 0;

    public void ReadBlock(JpegComponent component, Span<short> block)
    {
        if (!isProgressive)
            ReadWhole(component, block);
        else if (first == 0 && high == 0)
            block[0] = (short)((component.Previous += Difference(component)) << low);
        else if (first == 0)
            block[0] |= (short)(bits.Number(1) << low);
        else if (high == 0)
            ReadFirst(component.AcCode!, block);
        else
            Refine(component.AcCode!, block);
    }

    private int Difference(JpegComponent component)
    {
        int length = bits.Symbol(component.DcCode!);
        return length <= 15 ? bits.Signed(length) : throw Beyond();
    }

    private void ReadWhole(JpegComponent component, Span<short> block)
    {
        block[0] = (short)(component.Previous += Difference(component));
        for (int k = 1; k < 64; k++)
        {
            int symbol = bits.Symbol(component.AcCode!), zeros = symbol >> 4, length = symbol & 15;
            if (length == 0 && zeros < 15)
                return;
            k += zeros;
            if (k > 63)
                throw Beyond();
            block[Zigzag[k]] = (short)bits.Signed(length);
        }
    }

    private void ReadFirst(JpegCode code, Span<short> block)
    {
        if (_endRun > 0)
        {
            _endRun--;
            return;
        }
        for (int k = first; k <= last; k++)
        {
            int symbol = bits.Symbol(code), zeros = symbol >> 4, length = symbol & 15;
            if (length == 0 && zeros < 15)
            {
                _endRun = (1 << zeros) - 1 + bits.Number(zeros);
                return;
            }
            k += zeros;
            if (k > last)
                throw Beyond();
            block[Zigzag[k]] = (short)(bits.Signed(length) << low);
        }
    }

    /// <summary>One more bit for coefficients that are not 0, and new ones of ±1 between them.</summary>
    private void Refine(JpegCode code, Span<short> block)
    {
        int k = first;
        while (_endRun == 0 && k <= last)
        {
            int symbol = bits.Symbol(code), zeros = symbol >> 4, length = symbol & 15, fresh = 0;
            if (length > 1)
                throw Beyond();
            if (length == 1)
                fresh = bits.Number(1) == 1 ? 1 << low : -1 << low;
            else if (zeros < 15)
            {
                _endRun = (1 << zeros) + bits.Number(zeros);
                break;
            }
            k = Skip(block, k, zeros);
            if (fresh != 0)
            {
                if (k > last)
                    throw Beyond();
                block[Zigzag[k]] = (short)fresh;
            }
            k++;
        }
        if (_endRun > 0)
        {
            Skip(block, k, int.MaxValue);
            _endRun--;
        }
    }

    /// <summary>Goes past so many zeros, and gives every coefficient on the way its bit; returns the place of the zero after them.</summary>
    private int Skip(Span<short> block, int k, int zeros)
    {
        for (; k <= last; k++)
        {
            ref short coefficient = ref block[Zigzag[k]];
            if (coefficient == 0)
            {
                if (zeros-- == 0)
                    return k;
            }
            else if (bits.Number(1) == 1 && (coefficient & (1 << low)) == 0)
            {
                coefficient += (short)(coefficient > 0 ? 1 << low : -1 << low);
            }
        }
        return k;
    }

    private static ImageException Beyond() => new("The JPEG file has a coefficient where there can be none.");
}
