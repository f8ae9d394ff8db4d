using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Steps;
using Lockstep.Coordinator.Views;
using Lockstep.Jobs.Format;
using Lockstep.Jobs.Mapping;
using Lockstep.Jobs.Planning;
using StepDecided = Lockstep.Coordinator.Parameters.StepDecided;

namespace Lockstep.Coordinator.Running;

/// <summary>Turns what happens into events for those who watch, and into lines of the metrics file. Belongs to the coordinator's actor.</summary>
internal sealed class RunReporter
{
    private readonly RunContext _run;
    private long _lastStepAt;
    private bool _linesBehind;

    public RunReporter(RunContext run)
    {
        _run = run;
        _lastStepAt = run.Time.GetTimestamp();
    }

    /// <summary>The latest evaluation; empty before the first.</summary>
    public IReadOnlyList<MetricValue> LastMetrics { get; private set; } = [];

    private TrainingPlan Plan => _run.Plan;

    public void Begin() => Raise(new RunStarted(
        Plan.Job.Name,
        _run.Directory.Path,
        Plan.Network.Layout.ParameterCount,
        Plan.Data.Training.Count,
        Plan.Data.Validation?.Count ?? 0,
        Plan.StepsPerEpoch,
        _run.FirstStep,
        Plan.TotalSteps,
        Plan.Shards));

    public void Waiting(int present) => Raise(new WaitingForWorkers(present, _run.Options.WorkersMinimum));

    public void Warn(string text)
    {
        _run.Log.Warning("{Warning}", text);
        Raise(new RunWarning(text));
    }

    public void Notice(string text)
    {
        _run.Log.Information("{Notice:l}", text);
        Raise(new RunNotice(text));
    }

    public void Workers(WorkerRoster roster, ClusterView? view, string reason) => Raise(new WorkersChanged(
        [.. roster.All().Select(pair => new WorkerStatus(
            pair.Incarnation, pair.Worker.Name, pair.Worker.Shown, view?.LeavesOf(pair.Incarnation) ?? 0, pair.Worker.Threads, pair.Worker.Reason))],
        reason));

    /// <summary>Reports a decided step.</summary>
    /// <param name="decided">The step.</param>
    /// <param name="roundTrip">The slowest worker's.</param>
    /// <param name="backedUp">Leaves that were given to others too.</param>
    /// <returns>Why the run cannot go on: the step was replayed and came out otherwise; else null.</returns>
    public string? Report(StepDecided decided, TimeSpan? roundTrip, int backedUp)
    {
        if (decided.EvaluationSums is { } evaluation)
        {
            LastMetrics = [.. Plan.Sums.MetricValues(evaluation).Select(metric => new MetricValue(metric.Name, metric.Value))];
            Raise(new Evaluated(decided.Step, LastMetrics));
        }
        if (!decided.Work.HasFlag(StepWork.Train))
            return null;

        double loss = Plan.Sums.LossValue(decided.TrainingSums) + decided.PenaltyLoss;
        long now = _run.Time.GetTimestamp();
        double seconds = _run.Time.GetElapsedTime(_lastStepAt, now).TotalSeconds;
        _lastStepAt = now;
        if (decided.CheckpointLeftOut)
            Warn($"The checkpoint of step {decided.Step + 1} was left out: the disk is slower than checkpoints fall due. Make them rarer (checkpoint.everySteps).");
        if (decided.Skipped)
            Warn($"Step {decided.Step} was skipped: its gradient or its update is not finite.");
        Raise(new StepCompleted(
            decided.Step,
            decided.Step / Plan.StepsPerEpoch,
            Plan.MinibatchAt(decided.Step).Count,
            loss,
            decided.GradientNorm,
            decided.LearningRate,
            seconds,
            roundTrip,
            backedUp));
        WarnOfLines();
        if (Plan.DiagnosesAt(decided.Step))
            Raise(new Diagnosed(decided.Step, [.. decided.Diagnostics ?? [], .. Plan.Sums.DiagnosticValues(decided.TrainingSums).Select(value => new MetricValue(value.Name, value.Value))]));
        return _run.Metrics.Contradiction(decided.Step, loss);
    }

    public void Checkpointed(WrittenCheckpoint written) => Raise(new CheckpointWritten(written.Step, written.Path, written.ModelSha256));

    /// <summary>How a run that has made all its steps ends: by its target.</summary>
    public RunEnded Conclude(long steps)
    {
        string[] missed = [.. (Plan.Job.Target?.Goals ?? []).Where(goal => !IsReached(goal)).Select(Explain)];
        return new RunEnded(
            missed.Length == 0 ? RunOutcome.Completed : RunOutcome.TargetMissed,
            steps,
            LastMetrics,
            null,
            null,
            null,
            missed.Length == 0 ? null : string.Join("; ", missed));
    }

    public void End(RunEnded ended)
    {
        try
        {
            Raise(ended);
        }
        finally
        {
            // Whoever waits for the end must hear of it, whatever becomes of a watcher.
            _run.Ended.TrySetResult(ended);
        }
    }

    // Said when it begins to be so, and again after it was mended.
    private void WarnOfLines()
    {
        bool behind = _run.Metrics.Obstacle is not null;
        if (behind && !_linesBehind)
            Warn($"{MetricsFile.Name} cannot be written: {_run.Metrics.Obstacle!.Message} Training goes on; its lines are kept in memory until it can. Free some space.");
        _linesBehind = behind;
    }

    private bool IsReached(Goal goal) => goal.IsReachedBy(ValueOf(goal));

    private string Explain(Goal goal) => FormattableString.Invariant(
        $"{NameOf(goal)} is {ValueOf(goal):G5}, the target {(goal.IsLowerBound ? "at least" : "at most")} {goal.Bound}");

    private double ValueOf(Goal goal) =>
        LastMetrics.Where(metric => metric.Name == NameOf(goal)).Select(metric => metric.Value).DefaultIfEmpty(double.NaN).First();

    private static string NameOf(Goal goal) => Lockstep.Engine.Metrics.Metric.NameOf(goal.Metric.Kind());

    private void Raise(RunEvent runEvent)
    {
        _run.Metrics.Observe(runEvent);
        _run.Observer.Observe(runEvent);
    }
}
