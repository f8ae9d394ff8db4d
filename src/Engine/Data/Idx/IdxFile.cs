using System.Buffers.Binary;

namespace Lockstep.Engine.Data.Idx;

/// <summary>
/// An array of bytes in the IDX format: two zero bytes, the element type (8 for bytes), the number of axes, each axis as four
/// big-endian bytes, then the elements. Gzipped or not.
/// </summary>
/// <remarks>Format: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", section "File formats".</remarks>
internal sealed class IdxFile
{
    private const byte UnsignedByte = 0x08;
    private const int MaximumAxes = 8;

    private IdxFile(int[] axes, byte[] content, int start)
    {
        Axes = axes;
        Content = content;
        Start = start;
    }

    /// <summary>The axes' lengths, outermost first.</summary>
    public IReadOnlyList<int> Axes { get; }

    /// <summary>The whole unpacked file.</summary>
    public byte[] Content { get; }

    /// <summary>Where in <see cref="Content"/> the elements begin.</summary>
    public int Start { get; }

    /// <exception cref="DataException">The file is missing, damaged or not of this kind.</exception>
    public static IdxFile Read(string path) => PackedFile.Read(path, () =>
    {
        using Stream stream = PackedFile.Open(path, out long mostContent);
        return Parse(stream, mostContent, path);
    });

    private static IdxFile Parse(Stream stream, long mostContent, string path)
    {
        byte[] head = new byte[4 + 4 * MaximumAxes];
        Fill(stream, head.AsSpan(0, 4), path);
        if (head[0] != 0 || head[1] != 0)
            throw new DataException(path, $"The file begins with the bytes {head[0]:x2} {head[1]:x2}, not 00 00: it is no IDX file.", "Give the path of an IDX file.");
        if (head[2] != UnsignedByte)
            throw new DataException(path, $"Its elements are of type 0x{head[2]:x2}; only unsigned bytes (0x08) are read.", "Convert it to unsigned bytes.");
        if (head[3] is 0 or > MaximumAxes)
            throw new DataException(path, $"It has {head[3]} axes; 1 to {MaximumAxes} are possible.", "Fetch the file again: it is damaged.");

        int start = 4 + 4 * head[3];
        Fill(stream, head.AsSpan(4, start - 4), path);
        int[] axes = new int[head[3]];
        long length = start;
        long product = 1;
        for (int i = 0; i < axes.Length; i++)
        {
            uint axis = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(4 + 4 * i));
            // The product stays below 2^62: it was at most Array.MaxLength before.
            product *= axis;
            length = start + product;
            if (length > Array.MaxLength)
                throw new DataException(path, $"Its header tells of {product} bytes or more, which is beyond what one data set may have ({Array.MaxLength}).", "Split it, or fetch it again if it is damaged.");
            axes[i] = (int)axis;
        }
        if (length > mostContent)
            throw new DataException(path, $"Its header tells of {product} bytes, but it cannot hold more than {mostContent}: it is cut off or damaged.", "Fetch it again.");

        byte[] content = new byte[length];
        head.AsSpan(0, start).CopyTo(content);
        Fill(stream, content.AsSpan(start), path);
        if (stream.ReadByte() >= 0)
            throw new DataException(path, $"After the {product} bytes that its header tells of, the file goes on.", "Fetch it again: it is damaged.");
        return new IdxFile(axes, content, start);
    }

    private static void Fill(Stream stream, Span<byte> destination, string path)
    {
        int read = stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false);
        if (read < destination.Length)
            throw new DataException(path, $"The file ends {destination.Length - read} bytes too early.", "Fetch it again: it is cut off.");
    }
}
