namespace Lockstep.Coordinator.Checkpoints;

/// <summary>A checkpoint cannot be used. The message says why and what to do.</summary>
public sealed class CheckpointException(string path, string what, string mend, Exception? inner = null)
    : Exception($"{path}: {what} {mend}", inner)
{
    /// <summary>The checkpoint's folder.</summary>
    public string Path { get; } = path;
}
