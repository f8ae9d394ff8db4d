using System.Globalization;
using Lockstep.Coordinator.Running;

namespace Lockstep.Cli.Screen;

/// <summary>A run as plain lines, where there is no terminal: steps at most one a second, everything else always.</summary>
public sealed class PlainLines : IRunScreen
{
    /// <summary>Between two lines about steps. 1 s.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time;
    private readonly BoundedLines _lines;
    private readonly long _started;
    private RunProgress _progress = RunProgress.Nothing;
    private long? _lastLine;

    public PlainLines(TextWriter writer, TimeProvider time)
    {
        _time = time;
        _lines = new BoundedLines(writer);
        _started = time.GetTimestamp();
    }

    /// <inheritdoc/>
    public void Observe(RunEvent runEvent)
    {
        _progress = _progress.After(runEvent);
        switch (runEvent)
        {
            case RunStarted run:
                Started(run);
                break;
            case CoordinatorListening listening:
                _lines.Add($"listening on {listening.Endpoint}; a worker joins with: {listening.WorkerCommand}");
                break;
            case WaitingForWorkers waiting:
                _lines.Add(Wording.Waiting(waiting));
                break;
            case StepCompleted step when _lastLine is null || _time.GetElapsedTime(_lastLine.Value) >= Pause:
                _lastLine = _time.GetTimestamp();
                _lines.Add(Line(step));
                break;
            case Evaluated evaluation:
                _lines.Add($"evaluation after step {Wording.Count(evaluation.Step)}: {Wording.Metrics(evaluation.Metrics)}");
                break;
            case CheckpointWritten checkpoint:
                _lines.Add($"checkpoint after step {Wording.Count(checkpoint.Step)}: {checkpoint.Path}");
                break;
            case WorkersChanged change:
                _lines.Add($"{change.Reason} ({Shares(change.Workers)})");
                break;
            case RunWarning warning:
                _lines.Add("warning: " + warning.Text);
                break;
            case RunNotice notice:
                _lines.Add(notice.Text);
                break;
            case StandingBy standing:
                _lines.Add(Wording.Standing(standing));
                break;
            case RunEnded end:
                foreach (string line in EndSummary.Lines(_progress, end, _time.GetElapsedTime(_started)))
                    _lines.Add(line);
                break;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _lines.DisposeAsync();

    private static string Shares(IReadOnlyList<WorkerStatus> workers) => workers.Count == 0
        ? "no workers"
        : string.Join(", ", workers.Select(worker => string.Create(
            CultureInfo.InvariantCulture,
            $"{worker.Name}: {(worker.State == WorkerState.Training ? worker.Leaves + " leaves" : Wording.State(worker.State))}")));

    private void Started(RunStarted run)
    {
        _lines.Add($"run {run.Name} in {run.RunDirectory}");
        _lines.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{Wording.Count(run.Parameters)} parameters, {Wording.Count(run.TrainingSamples)} training and {Wording.Count(run.ValidationSamples)} validation samples, {Wording.Count(run.TotalSteps)} steps, {run.Shards} leaves a step"));
        if (run.FirstStep > 0)
            _lines.Add($"resumed at step {Wording.Count(run.FirstStep)}");
    }

    private string Line(StepCompleted step) => string.Create(
        CultureInfo.InvariantCulture,
        $"epoch {step.Epoch + 1}/{_progress.Epochs} step {Wording.Count(_progress.StepsDone)}/{Wording.Count(_progress.Run?.TotalSteps ?? 0)} loss {Wording.Loss(step.Loss)} {Wording.Rate(_progress.Throughput.SamplesPerSecond)} samples/s, {Wording.Duration(_progress.TimeLeft)} left");
}
