using Lockstep.Engine.Parameters;

namespace Lockstep.Coordinator.Parameters;

/// <summary>How many threads make an update, and which part of it.</summary>
public static class UpdateThreads
{
    // Below so many blocks for each a second thread gains nothing; above so many threads the memory is the limit.
    private const int BlocksWorthAThread = 16;
    private const int MostThreads = 8;

    // A model of fewer is updated in a few milliseconds: a connection's reader can be kept for so long, and waking others is a large part of it.
    private const int LargeModel = 64;

    /// <param name="blocks">Blocks of the parameters.</param>
    /// <param name="cores">Processors of the machine.</param>
    public static int For(int blocks, int cores) => Math.Clamp(blocks / BlocksWorthAThread, 1, Math.Clamp(cores, 1, MostThreads));

    /// <summary>Whether a connection's reader does what follows from a contribution that it brings, and waits for the threads where they are needed.</summary>
    /// <param name="blocks">Blocks of the parameters.</param>
    public static bool ReadersDoTheRest(int blocks) => blocks < LargeModel;

    /// <summary>Whether the threads do a block's arithmetic. What comes together with few others of a small model is done by whoever brought it.</summary>
    /// <param name="layout">Of the parameters.</param>
    /// <param name="block">The block.</param>
    public static bool AreFor(ParameterLayout layout, int block) =>
        !ReadersDoTheRest(layout.Blocks.Count) || layout.Buckets[layout.Blocks[block].Bucket].BlockCount >= BlocksWorthAThread;
}
