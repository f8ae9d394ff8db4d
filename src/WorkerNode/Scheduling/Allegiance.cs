using Lockstep.Protocol;
using Lockstep.Protocol.Identities;

namespace Lockstep.WorkerNode.Scheduling;

/// <summary>What a session of a worker works for. Parameters and views of anything else are none of its business: another coordinator cuts the same tree among other workers.</summary>
/// <param name="Run">The run.</param>
/// <param name="Term">The term of the coordinator that let it in.</param>
public readonly record struct Allegiance(RunId Run, long Term)
{
    /// <summary>Whether something is of this run and term.</summary>
    public bool Includes(RunId run, long term) => (run == Run && term == Term) || !Safety.Holds(SafetyRule.TakeOwnTermOnly);
}
