namespace Lockstep.Simulation.Clusters;

/// <summary>The machines that a simulation imagines: a star with the coordinator in its middle, all machines alike.</summary>
public sealed record ClusterSpec
{
    /// <summary>Workers, each on a machine of its own unless <see cref="OneMachine"/>.</summary>
    public required int Workers { get; init; }

    /// <summary>What a worker's link carries each way at once, in bytes a second.</summary>
    public required double BytesPerSecond { get; init; }

    /// <summary>What a coordinator's link carries each way at once, in bytes a second; null for the same.</summary>
    public double? CoordinatorBytesPerSecond { get; init; }

    /// <summary>Time of a bit's way from one machine to another, in seconds.</summary>
    public required double LatencySeconds { get; init; }

    /// <summary>Machines that the parameter server is spread over; the blocks are dealt out to them in turn. The cluster of today has 1.</summary>
    public int Servers { get; init; } = 1;

    /// <summary>Processors of each machine.</summary>
    public required int Cores { get; init; }

    /// <summary>Processors of each of the parameter server's machines; null for the same.</summary>
    public int? CoordinatorCores { get; init; }

    /// <summary>Compute threads of each worker.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>How many times as fast as the measured machine workers compute.</summary>
    public double ComputeSpeed { get; init; } = 1;

    /// <summary>Whether all are processes of one machine, which share its processors and its memory: numbers do not move.</summary>
    public bool OneMachine { get; init; }

    /// <summary>Workers as processes of one machine.</summary>
    /// <param name="workers">How many.</param>
    /// <param name="cores">Processors of the machine.</param>
    /// <param name="threads">Compute threads of each worker.</param>
    public static ClusterSpec Local(int workers, int cores, int threads) => new()
    {
        Workers = workers,
        BytesPerSecond = double.PositiveInfinity,
        LatencySeconds = 0,
        Cores = cores,
        Threads = threads,
        OneMachine = true,
    };

    /// <exception cref="ArgumentException">It is no cluster that there could be.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Workers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Servers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Cores, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Threads, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(LatencySeconds);
        if (!(BytesPerSecond > 0) || !(CoordinatorBytesPerSecond is not { } own || own > 0) || !(ComputeSpeed > 0))
            throw new ArgumentException("Bandwidth and speed are positive numbers.");
        if (OneMachine && Servers > 1)
            throw new ArgumentException("On one machine there is one parameter server.");
    }
}
