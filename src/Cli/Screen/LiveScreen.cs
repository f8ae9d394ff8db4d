using Lockstep.Coordinator.Running;
using Spectre.Console;

namespace Lockstep.Cli.Screen;

/// <summary>The live screen of a terminal: redrawn from the newest snapshot, never from the thread that trains.</summary>
public sealed class LiveScreen : IRunScreen
{
    /// <summary>Between two drawings. 0.1 s.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly IAnsiConsole console;
    private readonly TimeProvider time;
    private readonly long started;
    private readonly CancellationTokenSource closing = new();
    private readonly Task drawing;
    private RunProgress progress = RunProgress.Nothing;

    public LiveScreen(IAnsiConsole console, TimeProvider time)
    {
        this.console = console;
        this.time = time;
        started = time.GetTimestamp();
        drawing = Task.Run(DrawAsync);
    }

    /// <inheritdoc/>
    public void Observe(RunEvent runEvent) => Volatile.Write(ref progress, Volatile.Read(ref progress).After(runEvent));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync().ConfigureAwait(false);
        await drawing.ConfigureAwait(false);
        closing.Dispose();
        RunProgress last = Volatile.Read(ref progress);
        if (last.End is not { } end)
            return;
        // Straight to the writer: the console would break a path or a hash at the edge of the window.
        foreach (string line in EndSummary.Lines(last, end, time.GetElapsedTime(started)))
            console.Profile.Out.Writer.WriteLine(line);
    }

    private Task DrawAsync() => console.Live(new Text("starting")).AutoClear(false).StartAsync(async live =>
    {
        using var timer = new PeriodicTimer(Pause, time);
        RunProgress? drawn = null;
        do
        {
            drawn = Draw(live, drawn);
        }
        while (await NextAsync(timer).ConfigureAwait(false));
        Draw(live, drawn);
    });

    private RunProgress Draw(LiveDisplayContext live, RunProgress? drawn)
    {
        RunProgress present = Volatile.Read(ref progress);
        if (!ReferenceEquals(present, drawn) && !ReferenceEquals(present, RunProgress.Nothing))
            live.UpdateTarget(ScreenView.Render(present));
        return present;
    }

    private async ValueTask<bool> NextAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
