using Lockstep.Coordinator.Checkpoints;
using Lockstep.Protocol.DataPlane;

namespace Lockstep.Coordinator.Standbys;

/// <summary>What the files that are sent to standbys are called on disk: a standby never takes a name from a frame.</summary>
public static class ReplicaFiles
{
    /// <summary>The files of a checkpoint, in the order in which they are sent.</summary>
    public static readonly IReadOnlyList<(ReplicaFileKind Kind, string Name)> OfCheckpoint =
    [
        (ReplicaFileKind.State, CheckpointFiles.State),
        (ReplicaFileKind.Job, CheckpointFiles.Job),
        (ReplicaFileKind.Model, CheckpointFiles.Model),
        (ReplicaFileKind.Optimizer, CheckpointFiles.Optimizer),
        (ReplicaFileKind.Carried, CheckpointFiles.Carried),
        (ReplicaFileKind.Statistics, CheckpointFiles.Statistics),
        (ReplicaFileKind.Vocabulary, CheckpointFiles.Vocabulary),
    ];

    /// <summary>The name of a checkpoint's file; null where a checkpoint has none of that kind.</summary>
    public static string? NameOf(ReplicaFileKind kind) =>
        OfCheckpoint.Where(file => file.Kind == kind).Select(file => file.Name).FirstOrDefault();
}
