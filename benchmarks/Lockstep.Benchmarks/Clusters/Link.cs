namespace Lockstep.Benchmarks.Clusters;

/// <summary>By what the numbers of a cluster on this machine go from one process to another.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="Exchange">What <c>--exchange</c> of <c>lockstep train</c> takes.</param>
internal sealed record Link(string Name, string Exchange)
{
    /// <summary>What <c>lockstep train</c> takes by default; where the system has none the program takes a Unix socket.</summary>
    public static Link SharedMemory { get; } = new("shared memory", "shared-memory");

    public static Link Unix { get; } = new("Unix socket", "unix");

    public static Link Tcp { get; } = new("TCP", "tcp");

    /// <summary>All that there are.</summary>
    public static IReadOnlyList<Link> All { get; } = [SharedMemory, Unix, Tcp];
}
