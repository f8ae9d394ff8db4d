namespace Lockstep.Engine.Data.Images;

/// <summary>What turns a JPEG file's coefficients into pixels, in whole numbers: the same bits as the reference decoder's accurate integer method.</summary>
/// <remarks>
/// Loeffler, Ligtenberg, Moschytz: Practical fast 1-D DCT algorithms with 11 multiplications, ICASSP 1989. Constants in 13 bits, 2 more bits between the passes.
/// Chroma is interpolated linearly between sample centres, and turned into colours as JFIF 1.02 says, in 16 bits.
/// </remarks>
internal static class JpegTransform
{
    private const int Bits = 13, Between = 2;

    /// <summary>The inverse cosine transform of a block, shifted by 128 and clamped to bytes.</summary>
    /// <param name="block">64 coefficients times their quantizers, row by row; overwritten.</param>
    /// <param name="output">Where the block's first pixel is written.</param>
    /// <param name="stride">Pixels from one row to the next.</param>
    public static void Inverse(Span<int> block, Span<byte> output, int stride)
    {
        for (int column = 0; column < 8; column++)
            Pass(block[column..], 8, Bits - Between);
        for (int row = 0; row < 8; row++)
        {
            Span<int> line = block.Slice(row * 8, 8);
            Pass(line, 1, Bits + Between + 3);
            for (int i = 0; i < 8; i++)
                output[row * stride + i] = (byte)Math.Clamp(line[i] + 128, 0, 255);
        }
    }

    private static void Pass(Span<int> line, int step, int shift)
    {
        unchecked
        {
            int z2 = line[2 * step], z3 = line[6 * step];
            int z1 = (z2 + z3) * 4433;
            int even2 = z1 - z3 * 15137, even3 = z1 + z2 * 6270;
            int even0 = (line[0] + line[4 * step]) << Bits, even1 = (line[0] - line[4 * step]) << Bits;
            int sum0 = even0 + even3, sum3 = even0 - even3, sum1 = even1 + even2, sum2 = even1 - even2;

            int odd0 = line[7 * step], odd1 = line[5 * step], odd2 = line[3 * step], odd3 = line[step];
            z1 = odd0 + odd3;
            z2 = odd1 + odd2;
            z3 = odd0 + odd2;
            int z4 = odd1 + odd3, z5 = (z3 + z4) * 9633;
            (odd0, odd1, odd2, odd3) = (odd0 * 2446, odd1 * 16819, odd2 * 25172, odd3 * 12299);
            (z1, z2, z3, z4) = (z1 * -7373, z2 * -20995, z3 * -16069 + z5, z4 * -3196 + z5);
            odd0 += z1 + z3;
            odd1 += z2 + z4;
            odd2 += z2 + z3;
            odd3 += z1 + z4;

            int half = 1 << (shift - 1);
            line[0] = (sum0 + odd3 + half) >> shift;
            line[7 * step] = (sum0 - odd3 + half) >> shift;
            line[step] = (sum1 + odd2 + half) >> shift;
            line[6 * step] = (sum1 - odd2 + half) >> shift;
            line[2 * step] = (sum2 + odd1 + half) >> shift;
            line[5 * step] = (sum2 - odd1 + half) >> shift;
            line[3 * step] = (sum3 + odd0 + half) >> shift;
            line[4 * step] = (sum3 - odd0 + half) >> shift;
        }
    }

    /// <summary>
    /// One row of a component at the image's full width. Where the component has half the rows or columns, a pixel takes three quarters of the nearest sample and one of the
    /// next; for other ratios it takes the sample that covers it.
    /// </summary>
    /// <param name="component">The component.</param>
    /// <param name="y">The row of the image.</param>
    /// <param name="ratioX">Columns of the image for one of the component.</param>
    /// <param name="ratioY">Rows likewise.</param>
    /// <param name="row">The result.</param>
    public static void Upsample(JpegComponent component, int y, int ratioX, int ratioY, Span<byte> row)
    {
        int near = Math.Min(y / ratioY, component.Height - 1);
        int far = ratioY == 2 ? Math.Clamp(y % 2 == 0 ? near - 1 : near + 1, 0, component.Height - 1) : near;
        ReadOnlySpan<byte> first = component.Row(near), second = component.Row(far);
        int last = component.Width - 1;
        for (int x = 0; x < row.Length; x++)
        {
            int at = Math.Min(x / ratioX, last);
            int beside = ratioX == 2 ? Math.Clamp(x % 2 == 0 ? at - 1 : at + 1, 0, last) : at;
            row[x] = (byte)((ratioX == 2, ratioY == 2) switch
            {
                (true, true) => (3 * (3 * first[at] + second[at]) + 3 * first[beside] + second[beside] + (x % 2 == 0 ? 8 : 7)) >> 4,
                (true, false) => (3 * first[at] + first[beside] + (x % 2 == 0 ? 1 : 2)) >> 2,
                (false, true) => (3 * first[at] + second[at] + (y % 2 == 0 ? 1 : 2)) >> 2,
                _ => first[at],
            });
        }
    }

    /// <summary>Luma and chroma of one row become red, green and blue in place.</summary>
    public static void ToColours(Span<byte> luma, Span<byte> blue, Span<byte> red)
    {
        const int Half = 1 << 15;
        for (int x = 0; x < luma.Length; x++)
        {
            int y = luma[x], cb = blue[x] - 128, cr = red[x] - 128;
            luma[x] = (byte)Math.Clamp(y + ((91881 * cr + Half) >> 16), 0, 255);
            blue[x] = (byte)Math.Clamp(y + ((-22554 * cb - 46802 * cr + Half) >> 16), 0, 255);
            red[x] = (byte)Math.Clamp(y + ((116130 * cb + Half) >> 16), 0, 255);
        }
    }
}
