using Microsoft.Win32.SafeHandles;

namespace Lockstep.Coordinator.Running;

/// <summary>
/// A file that only grows. What cannot be written at once, since the disk is full for instance, is kept and written before what comes
/// later, to the same place: nothing is lost, doubled or out of order while the process lives.
/// </summary>
internal sealed class AppendedFile : IDisposable
{
    /// <summary>Most bytes that are kept. 64 MiB.</summary>
    public const int MostKept = 64 << 20;

    private readonly SafeFileHandle _file;
    private readonly WriteAt _write;
    private readonly int _writtenFrom;
    private readonly MemoryStream _kept = new();
    private long _length;

    internal AppendedFile(SafeFileHandle file, int writtenFrom, WriteAt write) =>
        (_file, _length, _writtenFrom, _write) = (file, RandomAccess.GetLength(file), writtenFrom, write);

    /// <summary>Writes bytes to a place of a file, all of them or with an exception.</summary>
    internal delegate void WriteAt(SafeFileHandle file, ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Why the last bytes could not be written; null where all are.</summary>
    public IOException? Obstacle { get; private set; }

    /// <summary>Opens a file, or makes it.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="writtenFrom">Bytes that are gathered before they are written; 0 writes all at once.</param>
    public static AppendedFile Open(string path, int writtenFrom) =>
        new(File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read), writtenFrom, RandomAccess.Write);

    /// <summary>Adds bytes at the end; they are in the file when <see cref="Obstacle"/> is null and enough are gathered.</summary>
    /// <exception cref="IOException">More than <see cref="MostKept"/> bytes would have to be kept.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_kept.Length + bytes.Length > MostKept)
            throw Obstacle ?? new IOException("There are too many bytes to keep.");
        _kept.Write(bytes);
        if (_kept.Length >= _writtenFrom)
            TryWrite();
    }

    /// <summary>Brings what is kept into the file; whether all of it is there.</summary>
    public bool TryWrite()
    {
        try
        {
            _write(_file, _kept.GetBuffer().AsSpan(0, (int)_kept.Length), _length);
            _length += _kept.Length;
            _kept.SetLength(0);
            Obstacle = null;
            return true;
        }
        catch (IOException e)
        {
            Obstacle = e;
            return false;
        }
    }

    /// <summary>Brings all bytes to the disk.</summary>
    /// <exception cref="IOException">They cannot be.</exception>
    public void Sync()
    {
        if (!TryWrite())
            throw new IOException(Obstacle!.Message, Obstacle);
        RandomAccess.FlushToDisk(_file);
    }

    public void Dispose()
    {
        TryWrite();
        _file.Dispose();
    }
}
