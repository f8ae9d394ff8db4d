using Lockstep.Engine.Parameters;

namespace Lockstep.WorkerNode.Parameters;

/// <summary>
/// How much of a version has landed. The reader of the connection says so, and the engine waits here for the blocks that its next layer reads.
/// </summary>
/// <param name="time">For measuring how long was waited.</param>
public sealed class VersionArrival(TimeProvider time) : IParameterArrival
{
    private readonly object _gate = new();
    private int _landed;

    public TimeSpan Waited { get; private set; }

    /// <summary>So many blocks have landed, from the first on.</summary>
    public void Landed(int blocks)
    {
        lock (_gate)
        {
            _landed = blocks;
            Monitor.PulseAll(_gate);
        }
    }

    public void Await(int block, CancellationToken cancellation)
    {
        if (Volatile.Read(ref _landed) > block)
            return;
        long start = time.GetTimestamp();
        using (cancellation.UnsafeRegister(static arrival => ((VersionArrival)arrival!).Wake(), this))
        {
            lock (_gate)
            {
                while (_landed <= block)
                {
                    cancellation.ThrowIfCancellationRequested();
                    Monitor.Wait(_gate);
                }
            }
        }
        Waited += time.GetElapsedTime(start);
    }

    private void Wake()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }
}
