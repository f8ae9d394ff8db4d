namespace Lockstep.Cli.Pictures;

/// <summary>
/// Small pictures side by side in a grid, a dark line between them. Each tile is [channels, height, width] of numbers; a number becomes a gray or a colour by its place in a
/// range, the middle of which is middle gray.
/// </summary>
internal static class TileGrid
{
    // Tiles of fewer pixels are enlarged to about this; where there are many, to the smaller.
    private const int ReadableSide = 32;
    private const int SmallestSide = 8;
    private const int Many = 256;

    /// <summary>Draws tiles.</summary>
    /// <param name="numbers">[tiles, channels, height, width].</param>
    /// <param name="tiles">How many.</param>
    /// <param name="channels">1 or 3.</param>
    /// <param name="height">Of a tile.</param>
    /// <param name="width">Of a tile.</param>
    /// <param name="columns">Tiles in a row of the grid.</param>
    /// <param name="rangeOf">Of a tile's numbers: what is black and what is white.</param>
    public static Picture Draw(ReadOnlySpan<float> numbers, int tiles, int channels, int height, int width, int columns, Func<float[], (float Low, float High)> rangeOf)
    {
        int scale = Math.Max(1, (tiles > Many ? SmallestSide : ReadableSide) / Math.Max(height, width));
        int rows = (tiles + columns - 1) / columns;
        var picture = new Picture((columns * ((width * scale) + 1)) + 1, (rows * ((height * scale) + 1)) + 1, channels);
        int length = channels * height * width;
        for (int tile = 0; tile < tiles; tile++)
        {
            float[] own = numbers.Slice(tile * length, length).ToArray();
            (float low, float high) = rangeOf(own);
            int left = 1 + (tile % columns * ((width * scale) + 1)), top = 1 + (tile / columns * ((height * scale) + 1));
            for (int i = 0; i < length; i++)
            {
                int channel = i / (height * width), y = i / width % height, x = i % width;
                picture.Fill(left + (x * scale), top + (y * scale), scale, channel, Shade(own[i], low, high));
            }
        }
        return picture;
    }

    /// <summary>The number of columns that makes a grid about square.</summary>
    public static int Square(int tiles) => Math.Max(1, (int)Math.Ceiling(Math.Sqrt(tiles)));

    /// <summary>Zero in the middle, as weights are shown.</summary>
    public static (float Low, float High) AroundZero(float[] numbers)
    {
        float largest = numbers.Where(float.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
        return (-largest, largest);
    }

    /// <summary>From the smallest to the largest, as activations are shown.</summary>
    public static (float Low, float High) FromSmallest(float[] numbers)
    {
        float[] finite = [.. numbers.Where(float.IsFinite)];
        return finite.Length == 0 ? (0, 0) : (finite.Min(), finite.Max());
    }

    private static byte Shade(float number, float low, float high)
    {
        if (!(high > low) || float.IsNaN(number))
            return 128;
        return (byte)Math.Clamp(Math.Round(((double)number - low) / ((double)high - low) * 255), 0, 255);
    }
}
