using System.Globalization;
using System.Runtime.InteropServices;

namespace Lockstep.Chaos.Driving;

/// <summary>A small disk in memory (tmpfs) for the files of one run, which can be filled to the last byte. Linux, as root.</summary>
internal sealed class RunDisk : IDisposable
{
    private const int Detach = 2;
    private const string Ballast = "ballast";

    private readonly string _folder;

    private RunDisk(string folder) => _folder = folder;

    /// <summary>Why there can be none here; null where there can.</summary>
    public static string? Obstacle()
    {
        if (!OperatingSystem.IsLinux())
            return "a disk of its own for a run needs Linux";
        string folder = Directory.CreateTempSubdirectory("lockstep-chaos-").FullName;
        try
        {
            Mount(folder, 1 << 20).Dispose();
            return null;
        }
        catch (IOException e)
        {
            return e.Message;
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    /// <summary>Puts a disk over a folder, which must be empty.</summary>
    /// <exception cref="IOException">The system refuses.</exception>
    public static RunDisk Mount(string folder, long bytes)
    {
        if (SystemMount("tmpfs", folder, "tmpfs", 0, string.Create(CultureInfo.InvariantCulture, $"size={bytes}")) != 0)
            throw new IOException($"a disk of its own for a run cannot be mounted ({Marshal.GetLastPInvokeErrorMessage()}); root can");
        return new RunDisk(folder);
    }

    /// <summary>Takes a disk away that an interrupted process left behind.</summary>
    public static void Unmount(string folder)
    {
        if (OperatingSystem.IsLinux() && File.ReadAllText("/proc/self/mounts").Split('\n').Any(line => line.StartsWith($"tmpfs {folder} ", StringComparison.Ordinal)))
            _ = SystemUnmount(folder, Detach);
    }

    /// <summary>Fills it until it takes no byte more.</summary>
    public void Fill()
    {
        byte[] bytes = new byte[64 * 1024];
        using var stream = new FileStream(Path.Combine(_folder, Ballast), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None, bufferSize: 0);
        stream.Seek(0, SeekOrigin.End);
        for (int piece = bytes.Length; piece > 0;)
        {
            try
            {
                stream.Write(bytes.AsSpan(0, piece));
            }
            catch (IOException)
            {
                piece /= 2;
            }
        }
    }

    /// <summary>Gives the space back.</summary>
    public void Free() => File.Delete(Path.Combine(_folder, Ballast));

    /// <summary>Takes it away, with all that is on it.</summary>
    public void Dispose() => _ = SystemUnmount(_folder, Detach);

    [DllImport("libc", EntryPoint = "mount", SetLastError = true, CharSet = CharSet.Ansi)]
    private static extern int SystemMount(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string source, [MarshalAs(UnmanagedType.LPUTF8Str)] string target,
        [MarshalAs(UnmanagedType.LPUTF8Str)] string type, nuint flags, [MarshalAs(UnmanagedType.LPUTF8Str)] string data);

    [DllImport("libc", EntryPoint = "umount2", SetLastError = true)]
    private static extern int SystemUnmount([MarshalAs(UnmanagedType.LPUTF8Str)] string target, int flags);
}
