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
    private readonly List<ParameterVersion> _inPlace = [];
    private long _lastSent = -1;

    /// <summary>The worker's incarnation.</summary>
    public long Worker => worker;

    public IWorkerLink Link => link;

    /// <summary>Whether the last version went over the connection, and not through shared memory.</summary>
    public bool IsSentBlocks { get; private set; }

    /// <summary>The worker has let a version go.</summary>
    /// <param name="version">Which.</param>
    /// <returns>False where it has none: it says so of a version that it was never sent.</returns>
    public bool Released(long version)
    {
        if (_inPlace.Find(read => read.Version == version) is { } released)
        {
            _inPlace.Remove(released);
            released.Unpin();
        }
        if (_places == Places)
            return false;
        _places++;
        return true;
    }

    /// <summary>The worker is gone. What it may still read is no longer kept for it: the present version is pinned by the server, and sums of older steps are refused.</summary>
    public void Detach()
    {
        foreach (ParameterVersion version in _inPlace)
            version.Unpin();
        _inPlace.Clear();
    }

    /// <summary>Sends a version in forward order, or says where it lies, unless the worker has it or has no room; safe to call at any time.</summary>
    public void Offer(ParameterVersion version, RunId run, long term, int view)
    {
        if (_places == 0 || version.Version <= _lastSent)
            return;
        _places--;
        _lastSent = version.Version;
        if (version.Segment is { } segment)
        {
            version.Pin();
            if (link.SendInPlace(new ParameterBlockKey(run, term, version.Version, segment, view)))
            {
                _inPlace.Add(version);
                IsSentBlocks = false;
                return;
            }
            version.Unpin();
        }
        IsSentBlocks = true;
        foreach (ParameterBlock block in blocks)
            link.SendBlock(new ParameterBlockKey(run, term, version.Version, block.Index, view), version, block);
    }
}
