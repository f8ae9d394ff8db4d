using System.Diagnostics;
using System.Globalization;

namespace Lockstep.Transport.SharedMemory;

/// <summary>
/// A folder of the system's memory file system, for segments that processes of one machine and one user share. It is deleted with what is in it when it is disposed of;
/// one whose owner was killed is deleted when the next one is made.
/// </summary>
public sealed class SharedFolder : IDisposable
{
    private const string Prefix = "lockstep-";

    private SharedFolder(string path) => Path = path;

    /// <summary>Where segments are made.</summary>
    public string Path { get; }

    /// <summary>The memory file system that every Linux has; null where there is none, and memory is not shared.</summary>
    public static string? Root => OperatingSystem.IsLinux() && Directory.Exists("/dev/shm") ? "/dev/shm" : null;

    /// <summary>Makes a folder that only this user may enter.</summary>
    /// <param name="root">The memory file system, <see cref="Root"/>.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not.</exception>
    public static SharedFolder Create(string root)
    {
        Sweep(root);
        string path = System.IO.Path.Combine(root, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Guid.NewGuid():N}"));
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new SharedFolder(path);
    }

    /// <summary>The file of one of its segments.</summary>
    public static string FileOf(string folder, string name) => System.IO.Path.Combine(folder, name);

    public void Dispose() => Remove(Path);

    private static void Sweep(string root)
    {
        foreach (string folder in Directory.EnumerateDirectories(root, Prefix + "*"))
        {
            string[] parts = System.IO.Path.GetFileName(folder).Split('-');
            if (parts.Length == 3 && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int owner) && !IsAlive(owner))
                Remove(folder);
        }
    }

    private static bool IsAlive(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // Another user's folder, or one that another process removes at the same time, is not this process's business. Of this process's own nothing is lost either: what a worker
    // made in it at the last moment goes with the next coordinator that starts.
    private static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
        }
    }
}
