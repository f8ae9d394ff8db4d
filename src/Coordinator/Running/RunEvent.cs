namespace Lockstep.Coordinator.Running;

/// <summary>What a run tells those who watch it. Raised in order, on one thread; watchers must not block.</summary>
public abstract record RunEvent;

/// <summary>The run is set up: what it trains and where its files go.</summary>
/// <param name="Name">The job's name.</param>
/// <param name="RunDirectory">Where everything it leaves behind goes.</param>
/// <param name="Parameters">Numbers in the model.</param>
/// <param name="TrainingSamples">Samples of the training part.</param>
/// <param name="ValidationSamples">Samples of the validation part; 0 where there is none.</param>
/// <param name="StepsPerEpoch">Steps in an epoch.</param>
/// <param name="FirstStep">The step that it goes on with; above 0 when resumed.</param>
/// <param name="TotalSteps">Steps of the whole run.</param>
/// <param name="Shards">Leaves of the sum tree.</param>
public sealed record RunStarted(
    string Name, string RunDirectory, long Parameters, long TrainingSamples, long ValidationSamples,
    long StepsPerEpoch, long FirstStep, long TotalSteps, int Shards) : RunEvent;

/// <summary>The coordinator listens; workers may join with this command.</summary>
public sealed record CoordinatorListening(string Endpoint, string WorkerCommand) : RunEvent;

/// <summary>The run waits for workers.</summary>
/// <param name="Present">How many have been admitted.</param>
/// <param name="Minimum">How many it waits for.</param>
public sealed record WaitingForWorkers(int Present, int Minimum) : RunEvent;

/// <summary>The state of one worker.</summary>
public enum WorkerState
{
    Joining = 0,
    Training = 1,
    Leaving = 2,
    Lost = 3,
    Refused = 4,

    /// <summary>It was late and computes copies alone, until it has delivered some in time.</summary>
    Late = 5,
}

/// <summary>One row of the table of workers.</summary>
/// <param name="Incarnation">Its number in this run; a worker that comes back has another.</param>
/// <param name="Name">Host and process id.</param>
/// <param name="State">What it does.</param>
/// <param name="Leaves">Leaves of the sum tree that are its share at present.</param>
/// <param name="Threads">Its compute threads.</param>
/// <param name="Reason">Why it is lost or refused.</param>
public sealed record WorkerStatus(long Incarnation, string Name, WorkerState State, int Leaves, int Threads, string? Reason = null);

/// <summary>A worker joined, left, was lost or refused, or the shares changed.</summary>
public sealed record WorkersChanged(IReadOnlyList<WorkerStatus> Workers, string Reason) : RunEvent;

/// <summary>A step is decided.</summary>
/// <param name="Step">Its number from 0.</param>
/// <param name="Epoch">Its epoch from 0.</param>
/// <param name="Samples">Samples in its minibatch.</param>
/// <param name="Loss">The minibatch's loss with penalties, before the update.</param>
/// <param name="GradientNorm">Global norm before clipping.</param>
/// <param name="LearningRate">The rate that the update used.</param>
/// <param name="Seconds">Time since the step before.</param>
/// <param name="RoundTrip">Of the slowest worker: time of a small frame's way to it and back, behind what is under way, when it was last measured; null before.</param>
/// <param name="BackedUp">Leaves that were given to others too, because the workers that had them were late.</param>
public sealed record StepCompleted(
    long Step, long Epoch, int Samples, double Loss, double GradientNorm, double LearningRate, double Seconds, TimeSpan? RoundTrip = null,
    int BackedUp = 0) : RunEvent;

/// <summary>The validation part was evaluated with the parameters after <paramref name="Step"/> steps.</summary>
public sealed record Evaluated(long Step, IReadOnlyList<MetricValue> Metrics) : RunEvent;

/// <summary>A step in detail, of those that the job asks for.</summary>
/// <param name="Step">The step.</param>
/// <param name="Values">What is shown, by <c>kind/layer</c> or <c>kind/layer/value</c>.</param>
public sealed record Diagnosed(long Step, IReadOnlyList<MetricValue> Values) : RunEvent;

/// <summary>A named metric.</summary>
public readonly record struct MetricValue(string Name, double Value);

/// <summary>A checkpoint is synced to disk.</summary>
public sealed record CheckpointWritten(long Step, string Path, string ModelSha256) : RunEvent;

/// <summary>Something that a user should know and that stops nothing.</summary>
public sealed record RunWarning(string Text) : RunEvent;

/// <summary>Something that a user may want to know.</summary>
public sealed record RunNotice(string Text) : RunEvent;

/// <summary>This process holds the checkpoints of a run that is led elsewhere.</summary>
/// <param name="Name">The job's name.</param>
/// <param name="Leader">Where it is led.</param>
/// <param name="Term">At which term.</param>
/// <param name="RunDirectory">Where the checkpoints go.</param>
public sealed record StandingBy(string Name, string Leader, long Term, string RunDirectory) : RunEvent;

/// <summary>How a run ended.</summary>
public enum RunOutcome
{
    Completed = 0,
    TargetMissed = 1,
    Interrupted = 2,
    Failed = 3,

    /// <summary>Another coordinator leads the run, which goes on there.</summary>
    Superseded = 4,
}

/// <summary>The last event.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Steps">Steps that the final model has had.</param>
/// <param name="Metrics">The last evaluation; empty where there was none.</param>
/// <param name="Checkpoint">Folder of the last checkpoint; null where none was written.</param>
/// <param name="ModelSha256">The hash: SHA-256 of <c>model.safetensors</c>.</param>
/// <param name="StateSha256">SHA-256 over optimizer and carried state too.</param>
/// <param name="Explanation">What missed the target, or the root cause of a failure; null where all is well.</param>
public sealed record RunEnded(
    RunOutcome Outcome, long Steps, IReadOnlyList<MetricValue> Metrics, string? Checkpoint,
    string? ModelSha256, string? StateSha256, string? Explanation) : RunEvent;

/// <summary>Somebody who watches a run: the live screen, the plain lines, the metrics file.</summary>
public interface IRunObserver
{
    /// <summary>Takes note of an event, without blocking.</summary>
    void Observe(RunEvent runEvent);
}
