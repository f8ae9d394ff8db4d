using System.Text;

namespace Lockstep.Cli.Downloads;

/// <summary>
/// One entry's header of a tar archive: as much of it as taking files out by their short names needs. Long names and extended headers are entries of their own,
/// which are passed over like any other that is not wanted: no memory is ever taken by a length that an archive claims.
/// </summary>
/// <remarks>Format: POSIX.1-1988 ustar interchange format; the magic of GNU tar, whose header has no prefix.</remarks>
/// <param name="Name">Path in the archive.</param>
/// <param name="Length">Bytes of content, which follow the header and are filled up to a whole block.</param>
/// <param name="IsFile">Whether it is a regular file.</param>
internal readonly record struct TarHeader(string Name, long Length, bool IsFile)
{
    public const int BlockLength = 512;

    private const int SizeAt = 124, SizeLength = 12, ChecksumAt = 148, ChecksumLength = 8, TypeAt = 156, MagicAt = 257, PrefixAt = 345;

    /// <summary>Bytes of content with what fills up the last block.</summary>
    public long PaddedLength => checked(Length + BlockLength - 1) / BlockLength * BlockLength;

    /// <summary>The next header; null at the archive's end.</summary>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static TarHeader? Read(Stream stream)
    {
        Span<byte> block = stackalloc byte[BlockLength];
        int read = stream.ReadAtLeast(block, BlockLength, throwOnEndOfStream: false);
        if (read == 0 || (read == BlockLength && block.IndexOfAnyExcept((byte)0) < 0))
            return null;
        if (read < BlockLength)
            throw new InvalidDataException("it ends in the middle of a header");
        if (Number(block.Slice(ChecksumAt, ChecksumLength)) != Checksum(block))
            throw new InvalidDataException("a header does not match its checksum");
        bool hasPrefix = block.Slice(MagicAt, 6).SequenceEqual("ustar\0"u8) && block[PrefixAt] != 0;
        string name = (hasPrefix ? Text(block.Slice(PrefixAt, 155)) + "/" : "") + Text(block[..100]);
        return new TarHeader(name, Number(block.Slice(SizeAt, SizeLength)), block[TypeAt] is 0 or (byte)'0');
    }

    // The sum of the header's bytes, its own field taken as blanks.
    private static long Checksum(ReadOnlySpan<byte> block)
    {
        long sum = ChecksumLength * ' ';
        for (int i = 0; i < block.Length; i++)
            sum += i is >= ChecksumAt and < ChecksumAt + ChecksumLength ? 0 : block[i];
        return sum;
    }

    // Octal digits between blanks and zeros; the binary form is for files beyond 8 GiB, of which none is wanted.
    private static long Number(ReadOnlySpan<byte> field)
    {
        ReadOnlySpan<byte> digits = field.Trim(" \0"u8);
        long number = 0;
        foreach (byte digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'7')
                throw new InvalidDataException("a header has a number that is none");
            number = (number * 8) + digit - '0';
        }
        return number;
    }

    private static string Text(ReadOnlySpan<byte> field) =>
        Encoding.UTF8.GetString(field.IndexOf((byte)0) is >= 0 and int end ? field[..end] : field);
}
