namespace Lockstep.Cluster.Tests.Harness;

/// <summary>How long the harness waits for an event before it gives a run up: generous, since the machine may be busy.</summary>
public static class Bounds
{
    /// <summary>For one event of a run on a busy machine. 180 s.</summary>
    public static readonly TimeSpan Event = TimeSpan.FromSeconds(180);

    /// <summary>For a whole run without vector instructions, about a hundred times slower. 300 s.</summary>
    public static readonly TimeSpan SlowRun = TimeSpan.FromSeconds(300);
}
