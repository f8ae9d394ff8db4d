using System.Diagnostics;
using Lockstep.Chaos.Logs;

namespace Lockstep.Cluster.Tests.Harness;

/// <summary>Sees when steps are decided, by the system's notices of what is added to a run's step log.</summary>
public sealed class StepWatch : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StepFollower _follower;
    private readonly FileSystemWatcher _watcher;
    private readonly List<(long Steps, TaskCompletionSource<TimeSpan> Reached)> _waiting = [];
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <param name="runDirectory">The run's folder.</param>
    public StepWatch(string runDirectory)
    {
        const string File = "metrics.jsonl";
        _follower = new StepFollower(Path.Combine(runDirectory, File));
        _watcher = new FileSystemWatcher(runDirectory, File);
        _watcher.Changed += (_, _) => Look();
        _watcher.Created += (_, _) => Look();
        _watcher.Renamed += (_, _) => Look();
        _watcher.EnableRaisingEvents = true;
        Look();
    }

    /// <summary>Steps that are decided, as far as the log says.</summary>
    public long Decided
    {
        get
        {
            Look();
            lock (_gate)
                return _follower.Decided;
        }
    }

    /// <summary>Since the watch began.</summary>
    public TimeSpan Now => Stopwatch.GetElapsedTime(_start);

    /// <summary>Comes when so many steps are decided, with the time at which that was seen.</summary>
    /// <exception cref="HarnessException">The time was up.</exception>
    public async Task<TimeSpan> ReachesAsync(long steps)
    {
        var reached = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
            _waiting.Add((steps, reached));
        Look();
        try
        {
            return await reached.Task.WaitAsync(Bounds.Event);
        }
        catch (TimeoutException e)
        {
            throw new HarnessException($"Step {steps} has not been decided within {Bounds.Event}; {Decided} are.", e);
        }
    }

    public void Dispose() => _watcher.Dispose();

    private void Look()
    {
        lock (_gate)
        {
            _follower.Look();
            foreach ((long steps, TaskCompletionSource<TimeSpan> reached) in _waiting.Where(waiting => waiting.Steps <= _follower.Decided))
                reached.TrySetResult(Now);
            _waiting.RemoveAll(waiting => waiting.Reached.Task.IsCompleted);
        }
    }
}
