namespace Lockstep.Simulation.Costs;

/// <summary>What the parts of a step cost on the machine that was measured. Seconds are those of one thread that has a processor for itself.</summary>
public sealed record StepCosts
{
    /// <summary>What a worker's nodes cost.</summary>
    public required NodeCost Compute { get; init; }

    /// <summary>Seconds a byte of a frame's checksum.</summary>
    public required double HashPerByte { get; init; }

    /// <summary>Seconds a byte that the system takes to bring bytes into a socket, or out of one.</summary>
    public required double CopyPerByte { get; init; }

    /// <summary>Seconds that a frame costs at either end, whatever is in it.</summary>
    public required double Frame { get; init; }

    /// <summary>Seconds until a thread runs that waits for a frame, or for another thread.</summary>
    public required double Wake { get; init; }

    /// <summary>Seconds that the parameter server takes to judge a contribution and to find its sibling, by the number of nodes that the tree is cut into.</summary>
    public required CostCurve Contribution { get; init; }

    /// <summary>Seconds a byte of a block that is added to its sibling.</summary>
    public required double AddPerByte { get; init; }

    /// <summary>Mean, penalties' gradient and norm of the whole gradient.</summary>
    public required ThreadedCost Prepare { get; init; }

    /// <summary>Clipping and the optimizer, over all parameters.</summary>
    public required ThreadedCost Apply { get; init; }
}

/// <summary>Work that several threads share (Amdahl 1967): serial + parallel/threads.</summary>
/// <param name="Serial">Seconds that more threads do not shorten.</param>
/// <param name="Parallel">Seconds that they share.</param>
public readonly record struct ThreadedCost(double Serial, double Parallel)
{
    /// <summary>Seconds with so many threads.</summary>
    public double With(int threads) => Serial + (Parallel / threads);

    /// <summary>The cost that fits two measurements; with one of them alone all of it is shared.</summary>
    /// <param name="alone">Seconds with one thread.</param>
    /// <param name="threads">Threads of the other measurement.</param>
    /// <param name="together">Seconds with these.</param>
    public static ThreadedCost Fit(double alone, int threads, double together)
    {
        if (threads == 1)
            return new ThreadedCost(0, alone);
        double parallel = Math.Clamp((alone - together) / (1 - (1.0 / threads)), 0, alone);
        return new ThreadedCost(alone - parallel, parallel);
    }
}
