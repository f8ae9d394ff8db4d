using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Terms;
using Lockstep.Jobs.Planning;
using Serilog;

namespace Lockstep.Coordinator.Running;

/// <summary>Everything that the coordinator's actor leads with.</summary>
internal sealed record RunContext(
    CoordinatorOptions Options,
    TrainingPlan Plan,
    RunDirectory Directory,
    TermAuthority Terms,
    ParameterServer Server,
    CheckpointThread Checkpoints,
    MetricsFile Metrics,
    byte[] JobText,
    string JobSha256,
    byte[] Statistics,
    long FirstStep,
    IRunObserver Observer,
    ILogger Log,
    TimeProvider Time,
    TaskCompletionSource<RunEnded> Ended);
