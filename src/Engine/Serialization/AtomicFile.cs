using System.Runtime.InteropServices;

namespace Lockstep.Engine.Serialization;

/// <summary>
/// Files that are there as a whole or not at all: free space is checked, the content is written beside the file, flushed
/// to the disk, and renamed over it. A crash at any moment leaves the old file, or the new one, and perhaps a
/// <c>.partial</c> file that the next attempt overwrites.
/// </summary>
public static class AtomicFile
{
    /// <summary>What the file is called until it is complete.</summary>
    public const string PartialSuffix = ".partial";

    private const int DiskFullUnix = 28; // ENOSPC
    private const int DiskFullWindows = unchecked((int)0x80070070); // ERROR_DISK_FULL

    /// <summary>Writes a file.</summary>
    /// <param name="path">Where; its folder must be there.</param>
    /// <param name="bytes">About how many bytes will be written, for the check of free space.</param>
    /// <param name="write">Writes the content; what it returns is returned.</param>
    /// <exception cref="InsufficientSpaceException">The disk has no room; an older file of that name is untouched.</exception>
    /// <exception cref="IOException">The file cannot be written; an older file of that name is untouched.</exception>
    public static T Write<T>(string path, long bytes, Func<Stream, T> write)
    {
        string full = Path.GetFullPath(path);
        string folder = Path.GetDirectoryName(full) ?? throw new ArgumentException($"{path} is not a file.", nameof(path));
        RequireSpace(full, bytes, FreeSpace(folder));
        string partial = full + PartialSuffix;
        try
        {
            T result;
            using (var stream = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                result = write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(partial, full, overwrite: true);
            SyncFolder(folder);
            return result;
        }
        catch (IOException fault) when (fault.HResult is DiskFullUnix or DiskFullWindows)
        {
            File.Delete(partial);
            throw new InsufficientSpaceException(full, bytes, null, fault);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>Writes bytes that are at hand.</summary>
    /// <inheritdoc cref="Write{T}(string, long, Func{Stream, T})"/>
    public static void Write(string path, ReadOnlyMemory<byte> content) => Write(path, content.Length, stream =>
    {
        stream.Write(content.Span);
        return 0;
    });

    /// <summary>Free bytes on the disk that holds a folder, as far as this user may use them.</summary>
    public static long FreeSpace(string folder) => new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace;

    /// <summary>Refuses to begin what cannot end.</summary>
    /// <exception cref="InsufficientSpaceException">Fewer bytes are free than are needed.</exception>
    public static void RequireSpace(string path, long needed, long available)
    {
        if (needed > available)
            throw new InsufficientSpaceException(path, needed, available);
    }

    /// <summary>
    /// Makes a rename or a new file in a folder survive a loss of power. Windows keeps its folders in a journal and has no such call.
    /// </summary>
    /// <exception cref="IOException">The folder cannot be flushed.</exception>
    public static void SyncFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        int descriptor = Posix.Open(folder, 0);
        if (descriptor < 0)
            throw new IOException($"{folder}: the folder cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            // Some network file systems have no fsync of folders (EINVAL); their servers keep their own order.
            if (Posix.Sync(descriptor) != 0 && Marshal.GetLastPInvokeError() != Posix.InvalidArgument)
                throw new IOException($"{folder}: the folder cannot be flushed: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = Posix.Close(descriptor);
        }
    }
}

/// <summary>The system calls that the base library does not offer for folders.</summary>
internal static partial class Posix
{
    public const int InvalidArgument = 22;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);
}
