namespace Lockstep.Coordinator.Parameters;

/// <summary>How many threads make an update.</summary>
public static class UpdateThreads
{
    // Below so many blocks for each a second thread gains nothing; above so many threads the memory is the limit.
    private const int BlocksWorthAThread = 16;
    private const int MostThreads = 8;

    /// <param name="blocks">Blocks of the parameters.</param>
    /// <param name="cores">Processors of the machine.</param>
    public static int For(int blocks, int cores) => Math.Clamp(blocks / BlocksWorthAThread, 1, Math.Clamp(cores, 1, MostThreads));
}
