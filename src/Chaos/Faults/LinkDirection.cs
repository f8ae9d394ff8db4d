namespace Lockstep.Chaos.Faults;

/// <summary>Which way bytes go between a worker and the coordinator.</summary>
public enum LinkDirection
{
    /// <summary>From the worker: gradients.</summary>
    ToCoordinator = 0,

    /// <summary>From the coordinator: parameters.</summary>
    ToWorker = 1,

    /// <summary>Either way.</summary>
    Both = 2,
}
