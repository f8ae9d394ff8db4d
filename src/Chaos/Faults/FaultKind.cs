namespace Lockstep.Chaos.Faults;

/// <summary>What can be done to a run that must not change a bit of its model.</summary>
public enum FaultKind
{
    /// <summary>A worker is ended by SIGKILL; another one starts in its place.</summary>
    Kill = 0,

    /// <summary>A worker stands still (SIGSTOP) for a while (SIGCONT).</summary>
    Pause = 1,

    /// <summary>A worker runs only a part of the time, in short turns.</summary>
    Slow = 2,

    /// <summary>Another worker joins.</summary>
    Join = 3,

    /// <summary>A worker's computation throws, in one layer, while it has one leaf.</summary>
    Throw = 4,

    /// <summary>The coordinator is ended by SIGKILL, and the run is gone on with.</summary>
    CoordinatorKill = 5,

    /// <summary>A worker's data connection is reset after so many bytes.</summary>
    Cut = 6,

    /// <summary>Bytes arrive later.</summary>
    Delay = 7,

    /// <summary>Fewer bytes a second go through.</summary>
    Throttle = 8,

    /// <summary>Bytes arrive twice.</summary>
    Duplicate = 9,

    /// <summary>A bit arrives the other way round.</summary>
    Flip = 10,

    /// <summary>Nothing arrives for a while, in one direction or both, and no end of a connection either.</summary>
    Partition = 11,

    /// <summary>The disk of the run is full for a while.</summary>
    FullDisk = 12,

    /// <summary>The newest checkpoint is damaged; then the coordinator is ended by SIGKILL, and the run is gone on with.</summary>
    CheckpointDamage = 13,

    /// <summary>The coordinator's wall clock jumps.</summary>
    Clock = 14,

    /// <summary>A worker's gradient is NaN: the run must stop and say so, and go on to the same bits when it is resumed.</summary>
    NonFinite = 15,

    /// <summary>The coordinator is ended by SIGKILL while a standby stands by, which leads on; another one then stands by.</summary>
    Takeover = 16,
}
