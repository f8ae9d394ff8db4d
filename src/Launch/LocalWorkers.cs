using Serilog;

namespace Lockstep.Launch;

/// <summary>Worker processes on this machine: starts them, writes down what they say, and replaces those that crash.</summary>
/// <remarks>It only ever ends what it started, through the handle it got at the start: a process id alone may belong to somebody else by then.</remarks>
public sealed class LocalWorkers : IAsyncDisposable
{
    /// <summary>How long workers may take to leave when asked, before they are ended. 5 s.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly LocalWorkersOptions options;
    private readonly IProcessStarter starter;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly Action<LocalWorkerEvent> observe;
    private readonly long origin;
    private readonly Lock gate = new();
    private readonly List<Place> places = [];
    private readonly TaskCompletionSource<ProcessEndKind> abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool stopping;

    /// <param name="options">What to start.</param>
    /// <param name="starter">Starts processes.</param>
    /// <param name="time">The clock of restarts.</param>
    /// <param name="log">Gets every line that a worker writes.</param>
    /// <param name="observe">Told what happens, from any thread; must not block.</param>
    public LocalWorkers(
        LocalWorkersOptions options, IProcessStarter starter, TimeProvider time, ILogger log, Action<LocalWorkerEvent> observe)
    {
        this.options = options;
        this.starter = starter;
        this.time = time;
        this.log = log;
        this.observe = observe;
        origin = time.GetTimestamp();
    }

    /// <summary>
    /// Completes when no place has a worker, or will have one again: nobody is left to train, unless workers join from elsewhere.
    /// <see cref="ProcessEndKind.Refused"/> where the last one was refused.
    /// </summary>
    public Task<ProcessEndKind> Abandoned => abandoned.Task;

    /// <summary>Process ids by place; null where none runs at present.</summary>
    public IReadOnlyList<int?> ProcessIds
    {
        get
        {
            lock (gate)
                return [.. places.Select(place => place.Process?.Id)];
        }
    }

    /// <summary>Starts more workers.</summary>
    /// <exception cref="WorkerStartException">The system refuses to start this program.</exception>
    public void Start(int count)
    {
        for (int i = 0; i < count; i++)
        {
            Place place;
            lock (gate)
            {
                place = new Place(places.Count);
                places.Add(place);
            }

            Launch(place);
        }
    }

    /// <summary>Asks all workers to leave by closing their pipes, and ends those that are still there after <paramref name="grace"/>.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        IStartedProcess[] running;
        Task[] watchers;
        lock (gate)
        {
            stopping = true;
            foreach (Place place in places)
                place.Pause?.Dispose();
            running = [.. places.Select(place => place.Process).OfType<IStartedProcess>()];
            watchers = [.. places.Select(place => place.Watcher)];
        }

        foreach (IStartedProcess process in running)
            process.CloseInput();
        var all = Task.WhenAll(watchers);
        try
        {
            await all.WaitAsync(grace, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            foreach (IStartedProcess process in running.Where(process => !process.Ended.IsCompleted))
            {
                log.Warning("Worker process {ProcessId} did not leave within {Grace}; ending it", process.Id, grace);
                process.Kill();
            }

            await all.ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await StopAsync(Grace).ConfigureAwait(false);

    private void Launch(Place place)
    {
        lock (gate)
        {
            if (stopping)
                return;
            IStartedProcess process = starter.Start(options.RequestFor(place.Index));
            place.Process = process;
            place.Watcher = Task.Run(() => WatchAsync(place, process));
        }
    }

    private async Task WatchAsync(Place place, IStartedProcess process)
    {
        int id = process.Id;
        log.Information("Worker {Place} started as process {ProcessId}", place.Index, id);
        observe(new LocalWorkerEvent.Started(place.Index, id));
        var tail = new OutputTail(line => log.Information("Worker {Place} ({ProcessId}): {Line}", place.Index, id, line));
        await Task.WhenAll(tail.ReadAsync(process.Output), tail.ReadAsync(process.Error), process.Ended).ConfigureAwait(false);
        var end = ProcessEnd.FromExitCode(await process.Ended.ConfigureAwait(false));
        Place.Outcome outcome = Conclude(place, end);
        process.Dispose();

        log.Write(
            end.Kind == ProcessEndKind.Left || outcome.Stopping ? Serilog.Events.LogEventLevel.Information : Serilog.Events.LogEventLevel.Warning,
            "Worker {Place} (process {ProcessId}) {Meaning}", place.Index, id, end.Meaning);
        if (outcome.Stopping)
            return;
        observe(new LocalWorkerEvent.Ended(place.Index, id, end, tail.Lines));
        switch (outcome.Decision)
        {
            case RestartDecision.Restart restart:
                observe(new LocalWorkerEvent.Restarting(place.Index, restart.After));
                Schedule(place, restart.After);
                break;
            case RestartDecision.GiveUp giveUp:
                GiveUp(place, end.Kind, giveUp.Reason);
                break;
        }
    }

    private Place.Outcome Conclude(Place place, ProcessEnd end)
    {
        lock (gate)
        {
            place.Process = null;
            TimeSpan now = time.GetElapsedTime(origin);
            RestartDecision decision = options.Restarts.Decide(end, place.Restarts, now);
            if (decision is RestartDecision.Restart)
                place.Restarts.Add(now);
            return new Place.Outcome(stopping, decision);
        }
    }

    private void Schedule(Place place, TimeSpan after)
    {
        lock (gate)
        {
            if (!stopping)
                place.Pause = time.CreateTimer(_ => Relaunch(place), null, after, Timeout.InfiniteTimeSpan);
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
        lock (gate)
        {
            place.GivenUp = true;
            nobody = places.All(other => other.GivenUp);
        }

        observe(new LocalWorkerEvent.GaveUp(place.Index, kind, reason));
        if (nobody)
            abandoned.TrySetResult(kind);
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
