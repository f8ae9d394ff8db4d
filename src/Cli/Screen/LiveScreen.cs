using Lockstep.Coordinator.Running;
using Spectre.Console;

namespace Lockstep.Cli.Screen;

/// <summary>The live screen of a terminal: redrawn from the newest snapshot, never from the thread that trains.</summary>
public sealed class LiveScreen : IRunScreen
{
    /// <summary>Between two drawings. 0.1 s.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly IAnsiConsole _console;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _drawing;
    private RunProgress _progress = RunProgress.Nothing;

    public LiveScreen(IAnsiConsole console, TimeProvider time)
    {
        _console = console;
        _time = time;
        _started = time.GetTimestamp();
        _drawing = Task.Run(DrawAsync);
    }

    /// <inheritdoc/>
    public void Observe(RunEvent runEvent) => Volatile.Write(ref _progress, Volatile.Read(ref _progress).After(runEvent));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _drawing.ConfigureAwait(false);
        _closing.Dispose();
        RunProgress last = Volatile.Read(ref _progress);
        if (last.End is not { } end)
            return;
        // Straight to the writer: the console would break a path or a hash at the edge of the window.
        foreach (string line in EndSummary.Lines(last, end, _time.GetElapsedTime(_started)))
            _console.Profile.Out.Writer.WriteLine(line);
    }

    private Task DrawAsync() => _console.Live(new Text("starting")).AutoClear(false).StartAsync(async live =>
    {
        using var timer = new PeriodicTimer(Pause, _time);
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
        RunProgress present = Volatile.Read(ref _progress);
        if (!ReferenceEquals(present, drawn) && !ReferenceEquals(present, RunProgress.Nothing))
            live.UpdateTarget(ScreenView.Render(present));
        return present;
    }

    private async ValueTask<bool> NextAsync(PeriodicTimer timer)
    {
        try
        {
            return await timer.WaitForNextTickAsync(_closing.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
