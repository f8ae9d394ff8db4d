using Akka.Cluster;

namespace Lockstep.Protocol.Membership;

/// <summary>
/// Looks at the cluster again and again, and gives up who stays silent. What a node thinks of others while it stood still itself does not count: it begins anew when it wakes.
/// </summary>
/// <param name="self">Who looks.</param>
/// <param name="keepsItself">Whether it goes on though it is left alone.</param>
public sealed class Downing(UniqueAddress self, bool keepsItself)
{
    /// <summary>From one look to the next. 1 s.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    /// <summary>So long a node must be silent to a coordinator. 5 s.</summary>
    public static readonly TimeSpan CoordinatorPatience = TimeSpan.FromSeconds(5);

    /// <summary>
    /// So long nodes must be silent to others, and nobody else become so or be heard again. Twice the coordinator's, so that one which itself is deaf is given up before it
    /// gives up the coordinator. 10 s.
    /// </summary>
    public static readonly TimeSpan Patience = 2 * CoordinatorPatience;

    // A process that does not come to look for so long did not come to hear either.
    private static readonly TimeSpan OwnPause = 2 * LookInterval + TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<UniqueAddress, TimeSpan> _silentSince = [];
    private TimeSpan? _lastLook;
    private TimeSpan _lastChange;

    /// <summary>Takes a look.</summary>
    /// <param name="now">When, on a clock that only goes forward.</param>
    /// <param name="nodes">All nodes, the oldest first.</param>
    /// <returns>Whom to give up.</returns>
    public IReadOnlyList<UniqueAddress> Look(TimeSpan now, IReadOnlyList<NodeSight> nodes)
    {
        if (_lastLook is null || (now - _lastLook.Value > OwnPause && Safety.Holds(SafetyRule.ForgetOwnPause)))
        {
            _silentSince.Clear();
            _lastChange = now;
        }
        _lastLook = now;
        HashSet<UniqueAddress> silent = [.. nodes.Where(node => node.IsSilent && !node.Node.Equals(self)).Select(node => node.Node)];
        foreach (UniqueAddress heard in _silentSince.Keys.Where(node => !silent.Contains(node)).ToArray())
        {
            _silentSince.Remove(heard);
            _lastChange = now;
        }
        foreach (UniqueAddress lost in silent)
        {
            if (_silentSince.TryAdd(lost, now))
                _lastChange = now;
        }
        return DowningRule.Decide(self, keepsItself, [.. nodes.Select(node => node with { IsSilent = IsLost(node.Node, now) })]);
    }

    // Who judges alone judges each by itself; who may give up the oldest must have seen the whole of what happened.
    private bool IsLost(UniqueAddress node, TimeSpan now) =>
        _silentSince.TryGetValue(node, out TimeSpan since)
        && now - (keepsItself ? since : _lastChange) >= (keepsItself ? CoordinatorPatience : Patience);
}
