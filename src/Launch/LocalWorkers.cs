using Serilog;

namespace Lockstep.Launch;

/// <summary>Worker processes on this machine: starts them, writes down what they say, and replaces those that crash.</summary>
/// <remarks>It only ever ends what it started, through the handle it got at the start: a process id alone may belong to somebody else by then.</remarks>
public sealed class LocalWorkers : IAsyncDisposable
{
    /// <summary>How long workers may take to leave when asked, before they are ended. 5 s.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly LocalWorkersOptions _options;
    private readonly IProcessStarter _starter;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Action<LocalWorkerEvent> _observe;
    private readonly long _origin;
    private readonly Lock _gate = new();
    private readonly List<Place> _places = [];
    private readonly TaskCompletionSource<ProcessEndKind> _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _stopping;

    /// <param name="options">What to start.</param>
    /// <param name="starter">Starts processes.</param>
    /// <param name="time">The clock of restarts.</param>
    /// <param name="log">Gets every line that a worker writes.</param>
    /// <param name="observe">Told what happens, from any thread; must not block.</param>
    public LocalWorkers(
        LocalWorkersOptions options, IProcessStarter starter, TimeProvider time, ILogger log, Action<LocalWorkerEvent> observe)
    {
        _options = options;
        _starter = starter;
        _time = time;
        _log = log;
        _observe = observe;
        _origin = time.GetTimestamp();
    }

    /// <summary>
    /// Completes when no place has a worker, or will have one again: nobody is left to train, unless workers join from elsewhere.
    /// <see cref="ProcessEndKind.Refused"/> where the last one was refused.
    /// </summary>
    public Task<ProcessEndKind> Abandoned => _abandoned.Task;

    /// <summary>Process ids by place; null where none runs at present.</summary>
    public IReadOnlyList<int?> ProcessIds
    {
        get
        {
            lock (_gate)
                return [.. _places.Select(place => place.Process?.Id)];
        }
    }

    /// <summary>Starts more workers.</summary>
    /// <exception cref="WorkerStartException">The system refuses to start this program.</exception>
    public void Start(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Place place;
            lock (_gate)
            {
                place = new Place(_places.Count);
                _places.Add(place);
            }

            Launch(place);
        }
    }

    /// <summary>Asks all workers to leave by closing their pipes, and ends those that are still there after <paramref name="grace"/>.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        IStartedProcess[] running;
        Task[] watchers;
        lock (_gate)
        {
            _stopping = true;
            foreach (Place place in _places)
                place.Pause?.Dispose();
            running = [.. _places.Select(place => place.Process).OfType<IStartedProcess>()];
            watchers = [.. _places.Select(place => place.Watcher)];
        }

        foreach (IStartedProcess process in running)
            process.CloseInput();
        var all = Task.WhenAll(watchers);
        try
        {
            await all.WaitAsync(grace, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            foreach (IStartedProcess process in running.Where(process => !process.Ended.IsCompleted))
            {
                _log.Warning("Worker process {ProcessId} did not leave within {Seconds} s; ending it", process.Id, grace.TotalSeconds);
                process.Kill();
            }

            await all.ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync(Grace).ConfigureAwait(false);

    private void Launch(Place place)
    {
        lock (_gate)
        {
            if (_stopping)
                return;
            IStartedProcess process = _starter.Start(_options.RequestFor(place.Index));
            place.Process = process;
            place.Watcher = Task.Run(() => WatchAsync(place, process));
        }
    }

    private async Task WatchAsync(Place place, IStartedProcess process)
    {
        int id = process.Id;
        long? killedBefore = _options.MemoryKills.Count();
        _log.Information("Worker {Place} started as process {ProcessId}", place.Index, id);
        _observe(new LocalWorkerEvent.Started(place.Index, id));
        var tail = new OutputTail(line => _log.Information("Worker {Place} ({ProcessId}): {Line:l}", place.Index, id, line));
        await Task.WhenAll(tail.ReadAsync(process.Output), tail.ReadAsync(process.Error), process.Ended).ConfigureAwait(false);
        var end = ProcessEnd.FromExitCode(await process.Ended.ConfigureAwait(false), memoryRanOut: _options.MemoryKills.Count() > killedBefore);
        Place.Outcome outcome = Conclude(place, end);
        process.Dispose();

        // Whoever observes shows this to the user; the log keeps it beside the worker's own lines.
        _log.Information("Worker {Place} (process {ProcessId}) {Meaning:l}", place.Index, id, end.Meaning);
        if (outcome.Stopping)
            return;
        _observe(new LocalWorkerEvent.Ended(place.Index, id, end, tail.Lines));
        switch (outcome.Decision)
        {
            case RestartDecision.Restart restart:
                _observe(new LocalWorkerEvent.Restarting(place.Index, restart.After));
                Schedule(place, restart.After);
                break;
            case RestartDecision.GiveUp giveUp:
                GiveUp(place, end.Kind, giveUp.Reason);
                break;
        }
    }

    private Place.Outcome Conclude(Place place, ProcessEnd end)
    {
        lock (_gate)
        {
            place.Process = null;
            TimeSpan now = _time.GetElapsedTime(_origin);
            RestartDecision decision = _options.Restarts.Decide(end, place.Restarts, now);
            if (decision is RestartDecision.Restart)
                place.Restarts.Add(now);
            return new Place.Outcome(_stopping, decision);
        }
    }

    private void Schedule(Place place, TimeSpan after)
    {
        lock (_gate)
        {
            if (!_stopping)
                place.Pause = _time.CreateTimer(_ => Relaunch(place), null, after, Timeout.InfiniteTimeSpan);
        }
    }

    private void Relaunch(Place place)
    {
        try
        {
            Launch(place);
        }
        catch (WorkerStartException e)
        {
            GiveUp(place, ProcessEndKind.Crashed, e.Message);
        }
    }

    private void GiveUp(Place place, ProcessEndKind kind, string reason)
    {
        bool nobody;
        lock (_gate)
        {
            place.GivenUp = true;
            nobody = _places.All(other => other.GivenUp);
        }

        _observe(new LocalWorkerEvent.GaveUp(place.Index, kind, reason));
        if (nobody)
            _abandoned.TrySetResult(kind);
    }

    private sealed class Place(int index)
    {
        public int Index { get; } = index;

        public IStartedProcess? Process { get; set; }

        public Task Watcher { get; set; } = Task.CompletedTask;

        public List<TimeSpan> Restarts { get; } = [];

        public ITimer? Pause { get; set; }

        public bool GivenUp { get; set; }

        public readonly record struct Outcome(bool Stopping, RestartDecision Decision);
    }
}
