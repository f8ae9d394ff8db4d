using Lockstep.Protocol;

namespace Lockstep.Coordinator.Standbys;

/// <summary>
/// When a coordinator whom nobody is left with must take it that it is the one that is cut off. The others keep their side where only the coordinator is
/// gone and at least two are left, so it stands down under the same condition. Pure.
/// </summary>
public static class CutOffRule
{
    /// <summary>Less than the others take to give a silent coordinator up. 10 s.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Whether to stand down.</summary>
    /// <param name="alone">How long there has been neither a worker nor a standby; null where there is one.</param>
    /// <param name="lostTogether">Whether a worker and a standby were there shortly before: with one other alone the older side goes on, and that is the coordinator's.</param>
    /// <param name="standbyMayLive">Whether the fate of a standby is not known: one whose process is known to have ended takes nothing over.</param>
    public static bool MustStandDown(TimeSpan? alone, bool lostTogether, bool standbyMayLive) =>
        alone >= Patience && lostTogether && standbyMayLive && Safety.Holds(SafetyRule.StandDownWhenCutOff);
}
