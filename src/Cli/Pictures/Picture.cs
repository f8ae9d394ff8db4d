namespace Lockstep.Cli.Pictures;

/// <summary>Pixels of 8 bits a sample, row by row from the top.</summary>
/// <param name="width">Pixels of a row.</param>
/// <param name="height">Rows.</param>
/// <param name="channels">1 for gray, 3 for red, green, blue.</param>
internal sealed class Picture(int width, int height, int channels)
{
    private readonly byte[] _samples = new byte[checked(width * height * channels)];

    public int Width => width;

    public int Height => height;

    public int Channels => channels;

    /// <summary>The samples of one row.</summary>
    public Span<byte> Row(int y) => _samples.AsSpan(y * width * channels, width * channels);

    /// <summary>Sets one sample of a square of pixels.</summary>
    public void Fill(int x, int y, int size, int channel, byte value)
    {
        for (int row = y; row < y + size; row++)
        {
            for (int column = x; column < x + size; column++)
                Row(row)[(column * channels) + channel] = value;
        }
    }
}
