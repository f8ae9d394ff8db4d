using Lockstep.Transport.Joining;
using Serilog;

namespace Lockstep.Coordinator.Succession;

/// <summary>
/// The door of a standby: closed, with a word that makes whoever came try again elsewhere, until the standby leads. So its port is its own from the start, and nobody who comes while
/// it takes over finds a machine on which nobody listens.
/// </summary>
/// <param name="log">Names everybody who is turned away for another reason.</param>
internal sealed class SwitchingDoorkeeper(ILogger log) : IDoorkeeper
{
    private volatile IDoorkeeper? _leading;

    /// <summary>From here on another one decides.</summary>
    public void Lead(IDoorkeeper doorkeeper) => _leading = doorkeeper;

    public Admission Decide(JoinRequest request) => _leading is { } leading
        ? leading.Decide(request)
        : Admission.Refuse(RefusalCode.Full, "this is a standby: the run is led elsewhere");

    public void TurnedAway(TurnedAway who)
    {
        if (_leading is { } leading)
            leading.TurnedAway(who);
        else if (who.Refusal != RefusalCode.Full)
            log.Warning("{Remote} was turned away: {Fault}, {Text}", who.Remote, who.Fault, who.Text);
    }
}

/// <summary>What a standby leads with.</summary>
/// <param name="Directory">Its run directory, locked.</param>
/// <param name="Plan">The job and the data.</param>
/// <param name="Listener">Its data plane, which has been open all the time.</param>
/// <param name="Door">What decides on newcomers there.</param>
internal sealed record Takeover(
    Running.RunDirectory Directory, Jobs.Planning.TrainingPlan Plan, DataListener Listener, SwitchingDoorkeeper Door);
