namespace Lockstep.Protocol.DataPlane;

/// <summary>What a frame of the data plane carries. Values are on the wire: they are never reused.</summary>
public enum FrameKind : ushort
{
    /// <summary>A block of parameters, coordinator to worker; header: <see cref="ParameterBlockKey"/>.</summary>
    ParameterBlock = 1,

    /// <summary>A node's share of one channel of a step, worker to coordinator; header: <see cref="ContributionKey"/>.</summary>
    Contribution = 2,

    /// <summary>The worker holds every block of a version; header: <see cref="VersionKey"/>.</summary>
    VersionHeld = 3,

    /// <summary>The worker has let a version go and has a place free for one more; header: <see cref="ReleaseKey"/>.</summary>
    VersionReleased = 4,

    /// <summary>A contribution was of a term that has passed; header: <see cref="VersionKey"/> with the present term.</summary>
    TermRefused = 5,

    /// <summary>
    /// The coordinator lets the worker go; header: <see cref="VersionKey"/> with the <see cref="Messages.DismissalReason"/> in place of the
    /// version. The control plane says so too, with words, but ends with the coordinator's process and may end first.
    /// </summary>
    Dismissed = 6,

    /// <summary>
    /// A whole version of the parameters lies in memory that both share; header: <see cref="ParameterBlockKey"/> with the number of the segment in place of the
    /// block's. It stays as it is until the worker lets it go.
    /// </summary>
    VersionInPlace = 7,

    /// <summary>
    /// A node's share of neighbouring blocks of the gradient lies in memory that both share; header: the first one's <see cref="ContributionKey"/>, payload:
    /// <see cref="InPlaceBlocks"/>. It stays as it is until the step is decided.
    /// </summary>
    ContributionInPlace = 8,

    /// <summary>A checkpoint follows, coordinator to standby; header: <see cref="VersionKey"/> with its step, payload: <see cref="ReplicaOffer"/>.</summary>
    ReplicaOffered = 9,

    /// <summary>The next bytes of a file of the checkpoint that was offered last; header: <see cref="ReplicaChunkKey"/>.</summary>
    ReplicaChunk = 10,

    /// <summary>The standby has a whole checkpoint on its disk, synced and verified; header: <see cref="VersionKey"/> with its step.</summary>
    ReplicaHeld = 11,
}
