namespace Lockstep.Engine.Data.Images;

/// <summary>
/// Decodes PNG and JPEG files with whole-number arithmetic, so that the pixels are the same on every machine. A file that is cut off or breaks the rules of its
/// format is refused: what a decoder makes up for missing pixels is nobody's data.
/// </summary>
internal static class ImageFile
{
    /// <summary>The most pixels a side.</summary>
    public const int LongestSide = 1 << 15;

    /// <summary>The most pixels.</summary>
    private const long MostPixels = 1 << 27;

    private static readonly byte[] PngSignature = [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <exception cref="DataException">It is no PNG or JPEG file, or is damaged.</exception>
    public static Picture Decode(byte[] content, string path)
    {
        try
        {
            if (content.AsSpan().StartsWith(PngSignature))
                return PngDecoder.Decode(content.AsSpan(PngSignature.Length));
            if (content.Length > 2 && content[0] == 0xFF && content[1] == 0xD8)
                return new JpegDecoder(content).Decode();
        }
        catch (ImageException fault)
        {
            throw new DataException(path, fault.Message, fault.Mend, fault);
        }
        throw new DataException(path, "It is neither a PNG nor a JPEG file.", "Convert it, or leave it out.");
    }

    /// <exception cref="ImageException">An image of this size is not read.</exception>
    public static void RequireSize(int width, int height)
    {
        if (width is < 1 or > LongestSide || height is < 1 or > LongestSide || (long)width * height > MostPixels)
            throw new ImageException($"The image is said to have {width}×{height} pixels; 1×1 to {LongestSide} a side and {MostPixels} together are read.", "Scale it down, or fetch it again if it is damaged.");
    }
}

/// <summary>An image that cannot be decoded.</summary>
internal sealed class ImageException(string message, string mend = ImageException.Damaged, Exception? inner = null) : Exception(message, inner)
{
    private const string Damaged = "Fetch it again, or leave it out: it is damaged.";

    public string Mend { get; } = mend;
}
