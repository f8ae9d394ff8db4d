using Lockstep.Engine.Serialization;

namespace Lockstep.Coordinator.Checkpoints;

/// <summary>The checkpoints of a run directory: how a complete one gets its name, and how old ones go.</summary>
internal static class CheckpointFolder
{
    /// <summary>
    /// Gives a complete, synced and verified checkpoint its name. A sound one of that step with the same bits stays as it is: until the moment of the rename there
    /// would be none.
    /// </summary>
    /// <param name="partial">Where it was written, beside its place.</param>
    /// <param name="path">Its place.</param>
    /// <param name="state">What it says of itself.</param>
    public static void Put(string partial, string path, CheckpointState state)
    {
        if (IsThere(path, state))
        {
            Remove(partial);
            return;
        }
        Remove(path);
        Directory.Move(partial, path);
        AtomicFile.SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Removes all but the newest ones, and what a killed process began and never finished.</summary>
    /// <param name="folder">The folder of the checkpoints.</param>
    /// <param name="newest">Step of the newest one; what is newer still is of a run that went on otherwise, and is left alone.</param>
    /// <param name="keep">How many stay.</param>
    public static void Prune(string folder, long newest, int keep)
    {
        foreach (string left in Directory.EnumerateDirectories(folder, "*" + AtomicFile.PartialSuffix))
            Remove(left);
        IEnumerable<string> old = Directory.EnumerateDirectories(folder)
            .Where(candidate => CheckpointFiles.StepOf(candidate) is { } step && step <= newest)
            .OrderByDescending(CheckpointFiles.StepOf)
            .Skip(keep);
        foreach (string candidate in old.ToList())
            Remove(candidate);
    }

    /// <summary>Removes a folder where it is there.</summary>
    public static void Remove(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private static bool IsThere(string path, CheckpointState state)
    {
        if (!Directory.Exists(path))
            return false;
        try
        {
            CheckpointState there = Checkpoint.Verify(path).State;
            return there.Run == state.Run && there.Step == state.Step && there.Files.Count == state.Files.Count
                && state.Files.All(file => there.Files.GetValueOrDefault(file.Key) == file.Value);
        }
        catch (CheckpointException)
        {
            return false;
        }
    }
}
