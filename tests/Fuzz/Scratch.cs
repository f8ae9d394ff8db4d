namespace Lockstep.Fuzz;

/// <summary>A folder in memory, where the system has one, for readers of files. One a thread; removed with the process's end by the system or by hand.</summary>
internal static class Scratch
{
    [ThreadStatic]
    private static string? _folder;

    public static string Folder => _folder ??= Directory.CreateDirectory(
        Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"lockstep-fuzz-{Environment.ProcessId}-{Environment.CurrentManagedThreadId}")).FullName;

    /// <summary>Writes a file and answers its path.</summary>
    public static string File(string name, byte[] content)
    {
        string path = Path.Combine(Folder, name);
        System.IO.File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Bytes of what a writer writes.</summary>
    public static byte[] Written(Action<Stream> write)
    {
        using var stream = new MemoryStream();
        write(stream);
        return stream.ToArray();
    }

    /// <summary>Removes this thread's folder.</summary>
    public static void Clear()
    {
        if (_folder is { } folder && Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        _folder = null;
    }
}
