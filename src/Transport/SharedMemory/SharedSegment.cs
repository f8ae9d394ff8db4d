using System.IO.MemoryMappedFiles;

namespace Lockstep.Transport.SharedMemory;

/// <summary>
/// A file of a <see cref="SharedFolder"/>, mapped into this process: what one process writes there the others see without a copy. A message that is
/// sent over a socket after the writing, and received before the reading, orders the two.
/// </summary>
/// <remarks>
/// All of its memory is taken when it is made, so that a full file system is an error then and not a signal that ends the process later. A mapping outlives its
/// file's name, and the process that made it.
/// </remarks>
public sealed unsafe class SharedSegment : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private byte* _pointer;

    private SharedSegment(string path, FileStream stream, long bytes, MemoryMappedFileAccess access)
    {
        (Path, Bytes) = (path, bytes);
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, access, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, bytes, access);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _pointer);
    }

    /// <summary>The file's path.</summary>
    public string Path { get; }

    /// <summary>How many bytes it has.</summary>
    public long Bytes { get; }

    /// <summary>The first byte, at the start of a page.</summary>
    /// <exception cref="ObjectDisposedException">It has been given back.</exception>
    public byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer is null, this);
            return _pointer;
        }
    }

    /// <summary>Makes a segment of zeros.</summary>
    /// <param name="path">A file that is not there yet.</param>
    /// <param name="bytes">At least 1.</param>
    /// <exception cref="IOException">There is no room for it, or the file exists.</exception>
    public static SharedSegment Create(string path, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            PreallocationSize = bytes,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var stream = new FileStream(path, options);
        try
        {
            stream.SetLength(bytes);
            return new SharedSegment(path, stream, bytes, MemoryMappedFileAccess.ReadWrite);
        }
        catch
        {
            stream.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Maps a segment that another process has made, to read it.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="bytes">The bytes that it must have.</param>
    /// <exception cref="IOException">It is not there, or of another length.</exception>
    /// <exception cref="UnauthorizedAccessException">It is another user's.</exception>
    public static SharedSegment Open(string path, long bytes)
    {
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        try
        {
            if (stream.Length != bytes)
                throw new IOException($"{path} has {stream.Length} bytes instead of {bytes}.");
            return new SharedSegment(path, stream, bytes, MemoryMappedFileAccess.Read);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Takes the file's name away; mappings stay.</summary>
    public void Unlink() => File.Delete(Path);

    /// <summary>Ends this process's mapping.</summary>
    public void Dispose()
    {
        if (_pointer is null)
            return;
        _pointer = null;
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
