namespace Lockstep.Engine.Data.Images;

/// <summary>Pixels as they come out of a file: [H, W, 3], bytes, red first.</summary>
internal readonly record struct Picture(int Width, int Height, byte[] Pixels);

/// <summary>
/// Brings an image to a square: the shorter side becomes <c>size</c> pixels, the longer ⌊size·long/short + ½⌋, and the centre is cut out. Each new pixel is the mean of the
/// old ones around it, weighted by a triangle as wide as two old or new pixels, whichever are larger (bilinear interpolation where an image grows, area averaging where it
/// shrinks). The weights are whole numbers, so that the result is the exactly rounded mean on every machine: first along rows, to 1/256 of a step, then along columns.
/// </summary>
internal static class ImageResize
{
    private const int Fraction = 256;

    /// <summary>Writes the square.</summary>
    /// <param name="picture">The image.</param>
    /// <param name="size">The square's side.</param>
    /// <param name="square">[3, size, size].</param>
    public static void ToSquare(Picture picture, int size, Span<byte> square)
    {
        (int width, int height) = (picture.Width, picture.Height);
        int shorter = Math.Min(width, height);
        Axis columns = Axis.Of(width, Scaled(width), size), rows = Axis.Of(height, Scaled(height), size);

        // Rows that no pixel of the square needs are left out.
        int[] narrow = new int[checked((rows.End - rows.Begin) * size * 3)];
        for (int y = rows.Begin; y < rows.End; y++)
        {
            for (int x = 0; x < size; x++)
            {
                for (int channel = 0; channel < 3; channel++)
                {
                    long sum = 0;
                    for (int i = columns.First[x]; i < columns.First[x + 1]; i++)
                        sum += columns.Weights[i] * picture.Pixels[((long)y * width + columns.Sources[i]) * 3 + channel];
                    narrow[((y - rows.Begin) * size + x) * 3 + channel] = (int)((sum * Fraction + columns.Total[x] / 2) / columns.Total[x]);
                }
            }
        }
        for (int y = 0; y < size; y++)
        {
            long whole = rows.Total[y] * Fraction;
            for (int x = 0; x < size; x++)
            {
                for (int channel = 0; channel < 3; channel++)
                {
                    long sum = 0;
                    for (int i = rows.First[y]; i < rows.First[y + 1]; i++)
                        sum += rows.Weights[i] * narrow[((rows.Sources[i] - rows.Begin) * size + x) * 3 + channel];
                    square[(channel * size + y) * size + x] = (byte)((sum + whole / 2) / whole);
                }
            }
        }

        int Scaled(int side) => (int)((2L * size * side + shorter) / (2L * shorter));
    }

    /// <summary>Which old pixels make each new one along an axis, and with what weights: entries First[i] to First[i + 1] − 1 belong to new pixel i.</summary>
    private sealed record Axis(int[] First, int[] Sources, long[] Weights, long[] Total, int Begin, int End)
    {
        /// <param name="old">Pixels before.</param>
        /// <param name="scaled">Pixels after scaling, at least <paramref name="size"/>.</param>
        /// <param name="size">Pixels of the cut-out.</param>
        public static Axis Of(int old, int scaled, int size)
        {
            int[] first = new int[size + 1];
            long[] total = new long[size];
            var sources = new List<int>();
            var weights = new List<long>();
            int skipped = (scaled - size) / 2;
            // All distances are in 1/(2·scaled) of an old pixel, in which all centres are whole numbers.
            long reach = 2L * Math.Max(old, scaled);
            for (int i = 0; i < size; i++)
            {
                long centre = (2L * (i + skipped) + 1) * old;
                int from = (int)Math.Max(0, (centre - reach) / (2L * scaled) - 1), to = (int)Math.Min(old - 1, (centre + reach) / (2L * scaled) + 1);
                for (int j = from; j <= to; j++)
                {
                    long weight = reach - Math.Abs((2L * j + 1) * scaled - centre);
                    if (weight <= 0)
                        continue;
                    sources.Add(j);
                    weights.Add(weight);
                    total[i] += weight;
                }
                first[i + 1] = sources.Count;
            }
            return new Axis(first, [.. sources], [.. weights], total, sources.Min(), sources.Max() + 1);
        }
    }
}
