using Lockstep.Protocol;

namespace Lockstep.Coordinator.Succession;

/// <summary>What a standby knows of one who comes before it: the coordinator, or a standby that was admitted earlier.</summary>
/// <param name="Answer">What it, or its machine, answers.</param>
/// <param name="GivenUp">Whether the cluster has given its node up, on the side where this standby is.</param>
public readonly record struct Predecessor(PeerState Answer, bool GivenUp);

/// <summary>What a standby does that has lost its coordinator.</summary>
public enum SuccessionStep
{
    /// <summary>It cannot know yet whether somebody leads: it asks again.</summary>
    Wait = 0,

    /// <summary>Somebody leads: it stands by there.</summary>
    Follow = 1,

    /// <summary>All who come before it are gone: it leads.</summary>
    Lead = 2,
}

/// <summary>
/// Who takes over. Standbys have an order, and each takes over when it knows of everybody before it that he is gone: because his machine says that his process has ended, or because
/// the cluster has given his node up. Silence alone proves nothing. Should two lead all the same, the terms decide, and every step has the same bits at both. Pure.
/// </summary>
public static class SuccessionRule
{
    /// <summary>Decides.</summary>
    /// <param name="somebodyLeads">Whether one of those who were asked leads the run, at no lower term.</param>
    /// <param name="ready">Whether this standby has the job and the data.</param>
    /// <param name="predecessors">The coordinator that was lost, and the standbys before this one.</param>
    public static SuccessionStep Decide(bool somebodyLeads, bool ready, IEnumerable<Predecessor> predecessors) =>
        somebodyLeads && Safety.Holds(SafetyRule.FollowWhoLeads) ? SuccessionStep.Follow
        : (ready || !Safety.Holds(SafetyRule.LeadOnlyWhenReady)) && (predecessors.All(IsGone) || !Safety.Holds(SafetyRule.WaitForPredecessors)) ? SuccessionStep.Lead
        : SuccessionStep.Wait;

    // One that answers as a standby is alive, whatever the cluster thinks, and its turn comes first.
    private static bool IsGone(Predecessor predecessor) => predecessor.Answer switch
    {
        PeerState.Gone => true,
        PeerState.Unknown => predecessor.GivenUp || !Safety.Holds(SafetyRule.TrustNoSilence),
        _ => false,
    };
}
