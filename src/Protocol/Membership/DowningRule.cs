using Akka.Cluster;

namespace Lockstep.Protocol.Membership;

/// <summary>
/// Which nodes are given up when some are out of reach: the side of the oldest that may lead goes on, unless that one alone is gone. In a cluster of ours all work with the coordinator, its oldest node. So the coordinator
/// judges the others by what itself hears of them; a standby judges the coordinator, and only where all have lost it; a worker judges nobody. Pure.
/// </summary>
public static class DowningRule
{
    /// <summary>Decides for one node.</summary>
    /// <param name="self">Who decides.</param>
    /// <param name="keepsItself">Whether it goes on though it is left alone: a coordinator does, which waits for workers.</param>
    /// <param name="nodes">All nodes with the one that decides, the oldest first.</param>
    /// <returns>Whom it gives up; this may be itself.</returns>
    public static IReadOnlyList<UniqueAddress> Decide(UniqueAddress self, bool keepsItself, IReadOnlyList<NodeSight> nodes)
    {
        UniqueAddress[] silent = [.. nodes.Where(node => node.IsSilent && !node.Node.Equals(self)).Select(node => node.Node)];
        bool judges = nodes.Any(node => node.Node.Equals(self) && node.MayLead) || !Safety.Holds(SafetyRule.WorkersJudgeNobody);
        if (silent.Length == 0 || !judges || nodes.FirstOrDefault(node => node.Counts && node.MayLead).Node is not { } oldest)
            return [];
        int left = nodes.Count(node => node.Counts && !node.IsSilent);
        if (oldest.Equals(self))
            return !keepsItself && left == 1 && nodes.Count(node => node.Counts) > 2 ? [self] : silent;
        if (!silent.Contains(oldest) && Safety.Holds(SafetyRule.LeaveJudgingToOldest))
            return [];
        // Others that are silent with it may be on its side, and go on there.
        return (silent.Length == 1 || !Safety.Holds(SafetyRule.GiveUpOldestAlone)) && left >= 2 ? silent : [self];
    }
}
