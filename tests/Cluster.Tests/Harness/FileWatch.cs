namespace Lockstep.Cluster.Tests.Harness;

/// <summary>Waits for a file to say something, by the system's notices of changes.</summary>
public static class FileWatch
{
    /// <summary>Comes when the file contains a text.</summary>
    /// <exception cref="HarnessException">The time was up.</exception>
    public static async Task ContainsAsync(string path, string text)
    {
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (Contains(path, text))
                found.TrySetResult();
        }

        using var watcher = new FileSystemWatcher(Path.GetDirectoryName(path)!, Path.GetFileName(path));
        watcher.Changed += (_, _) => Look();
        watcher.Created += (_, _) => Look();
        watcher.EnableRaisingEvents = true;
        Look();
        try
        {
            await found.Task.WaitAsync(Bounds.Event);
        }
        catch (TimeoutException e)
        {
            throw new HarnessException($"{path} has not said '{text}' within {Bounds.Event}.", e);
        }
    }

    private static bool Contains(string path, string text)
    {
        if (!File.Exists(path))
            return false;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Contains(text, StringComparison.Ordinal);
    }
}
