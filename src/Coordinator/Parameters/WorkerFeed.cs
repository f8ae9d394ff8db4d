using Lockstep.Engine.Parameters;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;

namespace Lockstep.Coordinator.Parameters;

/// <summary>
/// Brings versions of the parameters to one worker. The worker has room for two: a version is sent only when a place is
/// free, and a worker that falls behind is given the newest next, not those that it missed.
/// </summary>
internal sealed class WorkerFeed(long worker, IWorkerLink link, IReadOnlyList<ParameterBlock> blocks)
{
    /// <summary>Versions that a worker has room for.</summary>
    public const int Places = 2;

    private int _places = Places;
    private long _lastSent = -1;

    /// <summary>The worker's incarnation.</summary>
    public long Worker => worker;

    public IWorkerLink Link => link;

    /// <summary>The worker has let a version go.</summary>
    /// <returns>False where it has none: it says so of a version that it was never sent.</returns>
    public bool Released()
    {
        if (_places == Places)
            return false;
        _places++;
        return true;
    }

    /// <summary>Sends a version in forward order, unless the worker has it or has no room; safe to call at any time.</summary>
    public void Offer(ParameterVersion version, RunId run, long term, int view)
    {
        if (_places == 0 || version.Version <= _lastSent)
            return;
        _places--;
        _lastSent = version.Version;
        foreach (ParameterBlock block in blocks)
            link.SendBlock(new ParameterBlockKey(run, term, version.Version, block.Index, view), version, block);
    }
}
