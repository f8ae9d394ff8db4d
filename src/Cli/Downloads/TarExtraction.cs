using System.IO.Compression;

namespace Lockstep.Cli.Downloads;

/// <summary>Takes named files out of a .tar.gz. Names in the archive are only compared, never used as paths; links and everything else are passed over.</summary>
internal static class TarExtraction
{
    private const int MaximumEntries = 10_000;

    /// <param name="archive">The archive.</param>
    /// <param name="wanted">For each name in the archive, where it goes and how long it is.</param>
    /// <param name="cancellation">Stops between files and parts of files.</param>
    /// <exception cref="SourceException">The archive is damaged, lacks a file, or is far larger than the files in it.</exception>
    public static void Extract(string archive, IReadOnlyDictionary<string, (string Path, long Bytes)> wanted, CancellationToken cancellation)
    {
        var missing = new HashSet<string>(wanted.Keys, StringComparer.Ordinal);
        long most = wanted.Values.Sum(file => file.Bytes) * 2 + (64 << 20);
        try
        {
            using FileStream file = File.OpenRead(archive);
            using var gzip = new GZipStream(file, CompressionMode.Decompress);
            using var content = new BoundedStream(gzip, most);
            for (int entries = 0; missing.Count > 0 && TarHeader.Read(content) is { } entry; entries++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (entries == MaximumEntries)
                    throw new SourceException($"the archive has more than {MaximumEntries} files");
                long passedOver = entry.PaddedLength;
                if (entry.IsFile && missing.Contains(entry.Name))
                {
                    (string path, long bytes) = wanted[entry.Name];
                    if (entry.Length != bytes)
                        throw new SourceException($"'{entry.Name}' in the archive has {entry.Length} bytes, not {bytes}");
                    Copy(content, path, bytes, cancellation);
                    missing.Remove(entry.Name);
                    passedOver -= bytes;
                }
                PassOver(content, passedOver, cancellation);
            }
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException or FormatException or ArgumentException or NotSupportedException or OverflowException or InvalidOperationException)
        {
            throw new SourceException($"the archive is damaged: {fault.Message}", fault);
        }
        if (missing.Count > 0)
            throw new SourceException($"the archive has no {string.Join(", ", missing.Order(StringComparer.Ordinal))}");
    }

    private static void PassOver(Stream source, long bytes, CancellationToken cancellation)
    {
        byte[] buffer = new byte[(int)Math.Min(1 << 16, bytes)];
        for (int read; bytes > 0; bytes -= read)
        {
            cancellation.ThrowIfCancellationRequested();
            read = source.Read(buffer, 0, (int)Math.Min(buffer.Length, bytes));
            if (read == 0)
                throw new InvalidDataException("it ends too early");
        }
    }

    private static void Copy(Stream source, string path, long bytes, CancellationToken cancellation)
    {
        using var target = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        byte[] buffer = new byte[1 << 16];
        long copied = 0;
        for (int read; copied < bytes && (read = source.Read(buffer, 0, (int)Math.Min(buffer.Length, bytes - copied))) > 0; copied += read)
        {
            cancellation.ThrowIfCancellationRequested();
            target.Write(buffer, 0, read);
        }
        if (copied != bytes)
            throw new InvalidDataException("it ends too early");
        target.Flush(flushToDisk: true);
    }
}

/// <summary>A stream for reading that refuses to give more than a bound, against archives that unpack without end.</summary>
internal sealed class BoundedStream(Stream inner, long most) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException("The length is not known beforehand.");

    public override long Position
    {
        get => _read;
        set => throw new NotSupportedException("The stream only goes forward.");
    }

    public override int Read(Span<byte> buffer)
    {
        int read = inner.Read(buffer);
        _read += read;
        return _read <= most ? read : throw new InvalidDataException($"it unpacks to more than {most} bytes");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() => throw new NotSupportedException("The stream is for reading.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("The stream only goes forward.");

    public override void SetLength(long value) => throw new NotSupportedException("The stream is for reading.");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("The stream is for reading.");
}
