using Akka.Actor;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Standbys;
using Lockstep.Coordinator.Succession;
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
    TaskCompletionSource<RunEnded> Ended)
{
    /// <summary>Who would take over.</summary>
    public SuccessionList Succession { get; init; } = new();

    /// <summary>Folder of the checkpoint that the run goes on from; null where it begins.</summary>
    public string? NewestCheckpoint { get; init; }

    /// <summary>Takes the node of a worker that is gone out of the cluster.</summary>
    public Action<Address> GiveUp { get; init; } = _ => { };

    /// <summary>Asks a standby that was lost who leads now.</summary>
    public Func<string, Task<PeerAnswer>> Ask { get; init; } = _ => Task.FromResult(PeerAnswer.Unknown);
}
