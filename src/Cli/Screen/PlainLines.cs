using System.Globalization;
using Lockstep.Coordinator.Running;

namespace Lockstep.Cli.Screen;

/// <summary>A run as plain lines, where there is no terminal: steps at most one a second, everything else always.</summary>
public sealed class PlainLines : IRunScreen
{
    /// <summary>Between two lines about steps. 1 s.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly TimeProvider time;
    private readonly BoundedLines lines;
    private readonly long started;
    private RunProgress progress = RunProgress.Nothing;
    private long? lastLine;

    public PlainLines(TextWriter writer, TimeProvider time)
    {
        this.time = time;
        lines = new BoundedLines(writer);
        started = time.GetTimestamp();
    }

    /// <inheritdoc/>
    public void Observe(RunEvent runEvent)
    {
        progress = progress.After(runEvent);
        switch (runEvent)
        {
            case RunStarted run:
                Started(run);
                break;
            case CoordinatorListening listening:
                lines.Add($"listening on {listening.Endpoint}; a worker joins with: {listening.WorkerCommand}");
                break;
            case WaitingForWorkers waiting:
                lines.Add(Wording.Waiting(waiting));
                break;
            case StepCompleted step when lastLine is null || time.GetElapsedTime(lastLine.Value) >= Pause:
                lastLine = time.GetTimestamp();
                lines.Add(Line(step));
                break;
            case Evaluated evaluation:
                lines.Add($"evaluation after step {Wording.Count(evaluation.Step)}: {Wording.Metrics(evaluation.Metrics)}");
                break;
            case CheckpointWritten checkpoint:
                lines.Add($"checkpoint after step {Wording.Count(checkpoint.Step)}: {checkpoint.Path}");
                break;
            case WorkersChanged change:
                lines.Add($"{change.Reason} ({Shares(change.Workers)})");
                break;
            case RunWarning warning:
                lines.Add("warning: " + warning.Text);
                break;
            case RunEnded end:
                foreach (string line in EndSummary.Lines(progress, end, time.GetElapsedTime(started)))
                    lines.Add(line);
                break;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => lines.DisposeAsync();

    private static string Shares(IReadOnlyList<WorkerStatus> workers) => workers.Count == 0
        ? "no workers"
        : string.Join(", ", workers.Select(worker => string.Create(
            CultureInfo.InvariantCulture,
            $"{worker.Name}: {(worker.State == WorkerState.Training ? worker.Leaves + " leaves" : Wording.State(worker.State))}")));

    private void Started(RunStarted run)
    {
        lines.Add($"run {run.Name} in {run.RunDirectory}");
        lines.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"{Wording.Count(run.Parameters)} parameters, {Wording.Count(run.TrainingSamples)} training and {Wording.Count(run.ValidationSamples)} validation samples, {Wording.Count(run.TotalSteps)} steps, {run.Shards} leaves a step"));
        if (run.FirstStep > 0)
            lines.Add($"resumed at step {Wording.Count(run.FirstStep)}");
    }

    private string Line(StepCompleted step) => string.Create(
        CultureInfo.InvariantCulture,
        $"epoch {step.Epoch + 1}/{progress.Epochs} step {Wording.Count(progress.StepsDone)}/{Wording.Count(progress.Run?.TotalSteps ?? 0)} loss {Wording.Loss(step.Loss)} {Wording.Rate(progress.Throughput.SamplesPerSecond)} samples/s, {Wording.Duration(progress.TimeLeft)} left");
}
