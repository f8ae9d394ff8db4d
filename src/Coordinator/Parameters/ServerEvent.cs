using Lockstep.Coordinator.Running;
using Lockstep.Coordinator.Steps;

namespace Lockstep.Coordinator.Parameters;

/// <summary>What the parameter server tells the coordinator. Raised on its own thread, stamped with the step.</summary>
public abstract record ServerEvent(long Step);

/// <summary>A step is decided and its update made.</summary>
/// <param name="Step">Its number.</param>
/// <param name="Work">What it consisted of.</param>
/// <param name="TrainingSums">Sums over the minibatch; null where the step only evaluated.</param>
/// <param name="PenaltyLoss">Penalties of the parameters that the step started from.</param>
/// <param name="EvaluationSums">Sums over the validation part; null where it was not evaluated.</param>
/// <param name="GradientNorm">Global norm before clipping.</param>
/// <param name="LearningRate">The rate of the update.</param>
/// <param name="Skipped">Whether the update was left out because something was not finite.</param>
/// <param name="Snapshot">The state after the step where a checkpoint is due; the receiver disposes of it.</param>
/// <param name="CheckpointLeftOut">Whether a checkpoint was due, but too many wait for the disk.</param>
/// <param name="Diagnostics">What the server has to show by layer, in steps that are shown in detail; null where it is none.</param>
public sealed record StepDecided(
    long Step,
    StepWork Work,
    double[]? TrainingSums,
    double PenaltyLoss,
    double[]? EvaluationSums,
    double GradientNorm,
    double LearningRate,
    bool Skipped,
    TrainingSnapshot? Snapshot,
    bool CheckpointLeftOut,
    IReadOnlyList<MetricValue>? Diagnostics = null) : ServerEvent(Step);

/// <summary>What a step that is not decided still waits for.</summary>
/// <param name="Step">The step.</param>
/// <param name="Leaves">Leaves that are missing in some of its sums.</param>
public sealed record LeavesMissing(long Step, IReadOnlySet<int> Leaves) : ServerEvent(Step);

/// <summary>The server has stopped where it was asked to, or at the end of the run.</summary>
/// <param name="Step">Steps that the last version has had.</param>
/// <param name="Snapshot">The state to keep; the receiver disposes of it.</param>
public sealed record ServerStopped(long Step, TrainingSnapshot Snapshot) : ServerEvent(Step);

/// <summary>Two workers computed the same node and got different bits.</summary>
public sealed record CopiesDiffer(long Step, int Channel, int FirstLeaf, int Leaves, long Worker, long OtherWorker) : ServerEvent(Step);

/// <summary>A gradient or a new parameter is NaN or infinite, and the job does not say to skip such steps.</summary>
/// <param name="Step">The step.</param>
/// <param name="Parameter">The first parameter that is affected.</param>
/// <param name="InUpdate">Whether the gradient was finite and only the update was not.</param>
/// <param name="Start">The parameters that the step started from; the receiver unpins them.</param>
public sealed record NotFinite(long Step, string Parameter, bool InUpdate, ParameterVersion Start) : ServerEvent(Step);

/// <summary>A worker spoke of a higher term: somebody else leads.</summary>
public sealed record HigherTermSeen(long Step, long Term, long Worker) : ServerEvent(Step);

/// <summary>A worker sent something that no healthy worker sends.</summary>
public sealed record ContributionRefused(long Step, long Worker, Verdict Verdict) : ServerEvent(Step);

/// <summary>A worker let a version go that it was never sent.</summary>
public sealed record ReleaseRefused(long Step, long Worker) : ServerEvent(Step);

/// <summary>The server itself has failed.</summary>
public sealed record ServerFailed(long Step, Exception Cause) : ServerEvent(Step);
