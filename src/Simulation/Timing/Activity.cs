namespace Lockstep.Simulation.Timing;

/// <summary>What the time of a step is spent on.</summary>
public enum Activity
{
    /// <summary>Workers load samples and compute forward and backward.</summary>
    Compute,

    /// <summary>Workers' processors bring frames to and from sockets, and hash them.</summary>
    WorkerFrames,

    /// <summary>A worker's own link, to the coordinator.</summary>
    WorkerLinkOut,

    /// <summary>A worker's own link, from the coordinator.</summary>
    WorkerLinkIn,

    /// <summary>The coordinator's link, on which the contributions of all workers come in.</summary>
    CoordinatorLinkIn,

    /// <summary>The coordinator's link, on which versions go out to all workers.</summary>
    CoordinatorLinkOut,

    /// <summary>The coordinator's processors bring frames to and from sockets, and hash them.</summary>
    CoordinatorFrames,

    /// <summary>The parameter server's thread takes contributions and adds them.</summary>
    Sums,

    /// <summary>The parameter server makes the update.</summary>
    Update,

    /// <summary>The network's latency, and threads that are being woken.</summary>
    Latency,
}

/// <summary>The activities in the order of a step.</summary>
public static class Activities
{
    /// <summary>How many there are.</summary>
    public const int Count = (int)Activity.Latency + 1;

    public static IEnumerable<Activity> All => Enumerable.Range(0, Count).Select(index => (Activity)index);
}
