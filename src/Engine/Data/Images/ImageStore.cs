namespace Lockstep.Engine.Data.Images;

/// <summary>Decoded images of one size, one behind the other: for each the red, the green and the blue channel, rows from the top.</summary>
/// <param name="side">Pixels a side; null: as many as the shorter side of the first image has.</param>
/// <param name="source">What the images come from, for messages.</param>
internal sealed class ImageStore(int? side, string source)
{
    private byte[] _pixels = [];
    private int? _side = side;

    /// <summary>How many images there are.</summary>
    public int Count { get; private set; }

    /// <summary>Pixels a side; 0 as long as neither it nor an image was given.</summary>
    public int Side => _side ?? 0;

    private int Length => 3 * Side * Side;

    /// <summary>Makes room for so many images, so that they are not moved as they come.</summary>
    public void Reserve(int count) => Array.Resize(ref _pixels, Checked((long)count * Length));

    /// <summary>Decodes a file and brings it to size.</summary>
    /// <exception cref="DataException">It is no PNG or JPEG file, or is damaged, or there are too many.</exception>
    public void Add(byte[] content, string path)
    {
        Picture picture = ImageFile.Decode(content, path);
        _side ??= Math.Min(picture.Width, picture.Height);
        int needed = Checked((Count + 1L) * Length);
        if (needed > _pixels.Length)
            Array.Resize(ref _pixels, (int)Math.Clamp(2L * _pixels.Length, needed, Array.MaxLength));
        ImageResize.ToSquare(picture, Side, _pixels.AsSpan(Count * Length, Length));
        Count++;
    }

    public SampleInputs Inputs() => new ByteInputs(_pixels, 0);

    private int Checked(long length) => length <= Array.MaxLength
        ? (int)length
        : throw new DataException(source, $"Its images of {Side}×{Side} pixels are more than {Array.MaxLength} bytes together.", "Use a smaller 'size', or fewer images.");
}
