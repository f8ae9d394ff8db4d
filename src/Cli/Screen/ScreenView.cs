using System.Globalization;
using Lockstep.Coordinator.Running;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Lockstep.Cli.Screen;

/// <summary>The live screen as a function of the progress.</summary>
public static class ScreenView
{
    private const int BarWidth = 40;
    private const int MostWorkers = 24;

    /// <summary>Draws it; text that comes from jobs, hosts and paths is never read as markup.</summary>
    public static IRenderable Render(RunProgress progress)
    {
        var rows = new List<IRenderable>();
        if (progress.Run is { } run)
            rows.Add(Heading(run));
        if (progress.Listening is { } listening && progress.Step is null)
            rows.Add(new Text($"a worker joins with: {listening.WorkerCommand}"));
        if (progress.Waiting is { } waiting)
            rows.Add(new Text(Wording.Waiting(waiting), new Style(Color.Yellow)));
        if (progress.Run is not null)
            rows.Add(Training(progress));
        if (progress.Workers.Count > 0)
            rows.Add(Workers(progress));
        foreach (string notice in progress.Notices)
            rows.Add(new Text(notice, notice.StartsWith("warning", StringComparison.Ordinal) ? new Style(Color.Yellow) : new Style(Color.Grey)));
        return new Rows(rows);
    }

    private static Text Heading(RunStarted run) => new(
        string.Create(
            CultureInfo.InvariantCulture,
            $"{run.Name} · {Wording.Count(run.Parameters)} parameters · {Wording.Count(run.TrainingSamples)} samples · {run.Shards} leaves · {run.RunDirectory}"),
        new Style(decoration: Decoration.Bold));

    private static Grid Training(RunProgress progress)
    {
        RunStarted run = progress.Run!;
        double epoch = run.StepsPerEpoch > 0 ? (double)progress.StepsInEpoch / run.StepsPerEpoch : 0;
        Grid grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        grid.AddRow(new Text("run"), Bar(progress.Fraction, $"step {Wording.Count(progress.StepsDone)} of {Wording.Count(run.TotalSteps)}"));
        grid.AddRow(new Text("epoch"), Bar(epoch, $"{progress.Epoch + 1} of {progress.Epochs}"));
        if (progress.Step is { } step)
        {
            grid.AddRow(new Text("loss"), new Text(string.Create(
                CultureInfo.InvariantCulture,
                $"{Wording.Loss(step.Loss)}   gradient norm {step.GradientNorm:0.000}   learning rate {step.LearningRate:0.######}")));
        }

        if (progress.Evaluation is { } evaluation)
            grid.AddRow(new Text("validation"), new Text($"{Wording.Metrics(evaluation.Metrics)}   after step {Wording.Count(evaluation.Step)}", new Style(Color.Green)));
        grid.AddRow(new Text("speed"), new Text(
            $"{Wording.Rate(progress.Throughput.SamplesPerSecond)} samples/s   {Wording.Duration(progress.TimeLeft)} left"));
        if (progress.Checkpoint is { } checkpoint)
            grid.AddRow(new Text("checkpoint"), new Text($"step {Wording.Count(checkpoint.Step)}   {checkpoint.ModelSha256[..Math.Min(12, checkpoint.ModelSha256.Length)]}…"));
        return grid;
    }

    private static Text Bar(double fraction, string words)
    {
        int full = (int)(Math.Clamp(fraction, 0, 1) * BarWidth);
        return new Text(string.Create(
            CultureInfo.InvariantCulture, $"{new string('█', full)}{new string('░', BarWidth - full)} {fraction * 100,3:0}%  {words}"));
    }

    private static Table Workers(RunProgress progress)
    {
        int leaves = progress.Run?.Shards ?? 0;
        Table table = new Table().Border(TableBorder.Simple).AddColumns("worker", "state", "share", "threads", "");
        foreach (WorkerStatus worker in progress.Workers.Take(MostWorkers))
        {
            table.AddRow(
                new Text(worker.Name),
                new Text(Wording.State(worker.State), StateStyle(worker.State)),
                new Text(string.Create(CultureInfo.InvariantCulture, $"{worker.Leaves}/{leaves}")),
                new Text(worker.Threads.ToString(CultureInfo.InvariantCulture)),
                new Text(worker.Reason ?? ""));
        }

        if (progress.Workers.Count > MostWorkers)
            table.AddRow(new Text(string.Create(CultureInfo.InvariantCulture, $"and {progress.Workers.Count - MostWorkers} more")));
        return table;
    }

    private static Style StateStyle(WorkerState state) => state switch
    {
        WorkerState.Training => new Style(Color.Green),
        WorkerState.Lost or WorkerState.Refused => new Style(Color.Red),
        _ => new Style(Color.Yellow),
    };
}
