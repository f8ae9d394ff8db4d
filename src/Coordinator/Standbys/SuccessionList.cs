using Lockstep.Protocol.Messages;

namespace Lockstep.Coordinator.Standbys;

/// <summary>Who would take over, in that order. Safe for many threads: newcomers are told it by the handshakes' threads.</summary>
public sealed class SuccessionList
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, StandbyAddress> _standbys = [];

    /// <summary>The standbys, who was admitted first before the others.</summary>
    public StandbyAddress[] Present
    {
        get
        {
            lock (_lock)
                return [.. _standbys.Values];
        }
    }

    /// <summary>Adds a standby; false where there are <paramref name="most"/> already.</summary>
    public bool Add(StandbyAddress standby, int most)
    {
        lock (_lock)
        {
            if (_standbys.Count >= most)
                return false;
            _standbys.Add(standby.Number, standby);
            return true;
        }
    }

    public void Remove(long number)
    {
        lock (_lock)
            _standbys.Remove(number);
    }
}
