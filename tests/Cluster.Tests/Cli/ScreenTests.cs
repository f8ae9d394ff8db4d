using System.Globalization;
using Lockstep.Cli.Screen;
using Lockstep.Cluster.Tests.Launch;
using Lockstep.Coordinator.Running;
using Spectre.Console.Testing;

namespace Lockstep.Cluster.Tests.Cli;

public sealed class ScreenTests
{
    private static readonly RunStarted Run = new("digits [bold]", "/runs/digits-1", 4_810, 1_437, 360, 45, 0, 1_350, 8);

    private static readonly RunEnded End = new(
        RunOutcome.Completed, 1_350, [new MetricValue("accuracy", 0.975)], "/runs/digits-1/checkpoints/step-0000001350",
        new string('c', 64), new string('d', 64), null);

    [Theory]
    [InlineData(0.9639, "0.9639")]
    [InlineData(0.0073, "0.0073")]
    [InlineData(0.00014941, "0.000149")]
    [InlineData(0, "0.0000")]
    [InlineData(12.34567, "12.3457")]
    [InlineData(double.NaN, "NaN")]
    public void A_small_metric_is_shown_with_its_digits(double value, string text) => Assert.Equal(text, Wording.Metric(value));

    [Fact]
    public void The_live_screen_shows_progress_numbers_and_workers()
    {
        RunProgress progress = RunProgressTests.After(
            Run,
            new WorkersChanged([new WorkerStatus(1, "node7/4711", WorkerState.Training, 5, 2), new WorkerStatus(2, "node8/99", WorkerState.Lost, 0, 4, "[gone]")], "node8/99 was lost"),
            RunProgressTests.Step(674, 14, 32, 0.01),
            new Evaluated(630, [new MetricValue("accuracy", 0.96111)]),
            new CheckpointWritten(450, "/runs/x", "0123456789abcdef"));
        string text = Draw(progress);
        Assert.Contains("digits [bold]", text);
        Assert.Contains("step 675 of 1,350", text);
        Assert.Contains("50%", text);
        Assert.Contains("15 of 30", text);
        Assert.Contains("0.5000", text);
        Assert.Contains("accuracy 0.9611", text);
        Assert.Contains("3200 samples/s", text);
        Assert.Contains("6.8s left", text);
        Assert.Matches(@"node7/4711\s+training\s+5/8\s+2", text);
        Assert.Matches(@"node8/99\s+lost\s+0/8\s+4\s+\[gone\]", text);
        Assert.Contains("0123456789ab…", text);
    }

    [Fact]
    public void The_live_screen_says_what_it_waits_for()
    {
        string text = Draw(RunProgressTests.After(
            Run, new CoordinatorListening("10.0.0.5:4770", "LOCKSTEP_TOKEN=x lockstep worker --join 10.0.0.5:4770"), new WaitingForWorkers(0, 2)));
        Assert.Contains("lockstep worker --join 10.0.0.5:4770", text);
        Assert.Contains("none yet, 2 needed", text);
    }

    [Fact]
    public void A_thousand_workers_do_not_fill_the_screen()
    {
        WorkerStatus[] workers = [.. Enumerable.Range(0, 1000).Select(i => new WorkerStatus(i, "w" + i, WorkerState.Training, 1, 1))];
        string text = Draw(RunProgressTests.After(Run, new WorkersChanged(workers, "all joined")));
        Assert.Contains("and 976 more", text);
        Assert.True(text.Split('\n').Length < 60);
    }

    [Fact]
    public async Task The_live_screen_ends_with_the_summary_whose_hash_is_one_line()
    {
        var console = new TestConsole().Width(40);
        await using (var screen = new LiveScreen(console, TimeProvider.System))
        {
            screen.Observe(Run);
            screen.Observe(RunProgressTests.Step(1_349, 29, 32, 0.01));
            screen.Observe(End);
        }

        Assert.Contains("model sha256 " + new string('c', 64), console.Output);
        Assert.Contains("checkpoint /runs/digits-1/checkpoints/step-0000001350", console.Output);
    }

    [Fact]
    public async Task Plain_lines_show_one_step_a_second_and_everything_else()
    {
        var time = new ManualTime();
        var writer = new StringWriter();
        await using (var screen = new PlainLines(TextWriter.Synchronized(writer), time))
        {
            screen.Observe(Run);
            for (int step = 0; step < 300; step++)
            {
                screen.Observe(RunProgressTests.Step(step, 0, 32, 0.01));
                time.Advance(TimeSpan.FromMilliseconds(10));
            }

            screen.Observe(new Evaluated(300, [new MetricValue("accuracy", 0.5)]));
            screen.Observe(new Evaluated(301, [new MetricValue("accuracy", 0.6)]));
            screen.Observe(new WorkersChanged([new WorkerStatus(1, "a/1", WorkerState.Training, 8, 1)], "a/1 joined"));
            screen.Observe(new RunWarning("careful"));
            screen.Observe(new CheckpointWritten(300, "/runs/x/checkpoints/step-300", "ab"));
            screen.Observe(End);
        }

        string[] lines = writer.ToString().Split('\n');
        Assert.Equal(3, lines.Count(line => line.StartsWith("epoch ", StringComparison.Ordinal)));
        Assert.Equal(2, lines.Count(line => line.StartsWith("evaluation ", StringComparison.Ordinal)));
        Assert.Contains("a/1 joined (a/1: 8 leaves)", lines);
        Assert.Contains("warning: careful", lines);
        Assert.Contains("model sha256 " + new string('c', 64), lines);
        Assert.Contains("completed after 1,350 steps, 3.0s", lines);
    }

    [Fact]
    public async Task A_writer_that_blocks_does_not_block_the_run_and_what_is_left_out_is_counted()
    {
        var writer = new GatedWriter();
        await using (var screen = new PlainLines(writer, new ManualTime()))
        {
            for (int i = 0; i < 5_000; i++)
                screen.Observe(new RunWarning("number " + i.ToString(CultureInfo.InvariantCulture)));
            writer.Gate.SetResult();
        }

        Assert.Contains(writer.Lines, line => line.Contains("lines left out"));
        Assert.InRange(writer.Lines.Count, 1_000, 1_100);
    }

    [Fact]
    public void An_interrupted_run_says_how_to_go_on()
    {
        RunEnded end = End with { Outcome = RunOutcome.Interrupted };
        string[] lines = [.. EndSummary.Lines(RunProgressTests.After(Run), end, TimeSpan.FromSeconds(75))];
        Assert.Equal("interrupted after 1,350 steps, 1m 15s", lines[0]);
        Assert.Equal("go on with: lockstep train --resume /runs/digits-1", lines[^1]);
    }

    [Fact]
    public void A_failure_without_a_checkpoint_says_its_cause_and_that_nothing_is_kept()
    {
        var end = new RunEnded(RunOutcome.Failed, 3, [], null, null, null, "layer 2 at step 3 is not finite");
        string[] lines = [.. EndSummary.Lines(RunProgressTests.After(Run), end, TimeSpan.FromSeconds(1))];
        Assert.Equal(["failed after 3 steps, 1.0s", "layer 2 at step 3 is not finite", "no checkpoint was written"], lines);
    }

    private static string Draw(RunProgress progress)
    {
        var console = new TestConsole().Width(160);
        console.Write(ScreenView.Render(progress));
        return console.Output;
    }

    private sealed class GatedWriter : StringWriter
    {
        public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<string> Lines { get; } = [];

        public override async Task WriteLineAsync(string? value)
        {
            await Gate.Task;
            Lines.Add(value!);
        }
    }
}
