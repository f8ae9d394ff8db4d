using System.Collections.Immutable;
using System.Globalization;
using Lockstep.Chaos.Faults;
using Lockstep.Chaos.Hooks;
using Lockstep.Chaos.Logs;
using Lockstep.Chaos.Processes;
using Lockstep.Chaos.Schedules;

namespace Lockstep.Chaos.Driving;

/// <summary>
/// One run under a schedule: starts its processes, follows its decided steps, lets each fault strike at its step, and starts anew what
/// has ended. Everything that it starts has ended when it returns.
/// </summary>
public sealed class ChaosRun
{
    /// <summary>Between two looks at the step log. 5 ms.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(5);

    /// <summary>How much later than the step log a coordinator's lines may be read. 1 s.</summary>
    private static readonly TimeSpan LineDelay = TimeSpan.FromSeconds(1);

    private readonly Schedule _schedule;
    private readonly ClusterLaunch _launch;
    private readonly long _steps;
    private readonly RunDisk? _disk;
    private readonly TimeProvider _time;
    private readonly Action<string> _say;
    private readonly List<WorkerPlace> _places = [];
    private readonly List<Task> _lasting = [];
    private readonly List<Strike> _strikes;
    private readonly StepClock _clock = new();
    private readonly ShareTable _shares = new();
    private readonly IHead _head;
    private readonly long _start;
    private StepFollower _follower = new("");
    private int _linesRead;
    private bool _namedNonFinite;
    private Task _diskIsFree = Task.CompletedTask;

    /// <param name="schedule">What is done to it.</param>
    /// <param name="launch">Starts its processes.</param>
    /// <param name="socket">The path of the Unix domain socket where numbers travel in shared memory.</param>
    /// <param name="steps">Steps of the whole run.</param>
    /// <param name="diskBytes">Size of a disk of its own for the run's files; null where no fault needs one.</param>
    /// <param name="time">The clock.</param>
    /// <param name="say">Told each fault as it strikes.</param>
    public ChaosRun(Schedule schedule, ClusterLaunch launch, string socket, long steps, long? diskBytes, TimeProvider time, Action<string> say)
    {
        (_schedule, _launch, _steps, _time, _say) = (schedule, launch, steps, time, say);
        Directory.CreateDirectory(launch.Runs);
        _disk = diskBytes is { } bytes ? RunDisk.Mount(launch.Runs, bytes) : null;
        _strikes = [.. schedule.Faults.Select(fault => new Strike(fault))];
        string listen = schedule.Exchange == Exchange.SharedMemory ? "unix:" + socket : "127.0.0.1:0";
        _head = schedule.HasStandby ? new StandbyHead(launch, listen, schedule.Workers) : new ResumedHead(launch, listen, schedule.Workers);
        _start = time.GetTimestamp();
    }

    /// <summary>What all its processes said.</summary>
    public string Transcript => _head.Transcript + string.Concat(_places.Select(place => place.Transcript));

    private TimeSpan Now => _time.GetElapsedTime(_start);

    /// <summary>Runs it to its end.</summary>
    /// <param name="bound">How long it may take.</param>
    /// <param name="interrupted">Gives it up.</param>
    /// <param name="keep">Where its files are kept that lie on a disk of its own, given what was seen; null where they are not wanted.</param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public async Task<RunObservation> RunAsync(TimeSpan bound, CancellationToken interrupted, Action<RunObservation>? keep = null)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(interrupted);
        using var timer = _time.CreateTimer(_ => end.Cancel(), null, bound, Timeout.InfiniteTimeSpan);
        try
        {
            (RunEnding? ending, string? failure) = await DriveAsync(bound, end.Token, interrupted).ConfigureAwait(false);
            TimeSpan ended = Now;
            var observation = new RunObservation(
                ending, ReadLog(), failure, [.. _strikes.Select(strike => OutcomeOf(strike, ended))], ended.TotalSeconds, _places.Sum(place => place.Ended));
            keep?.Invoke(observation);
            return observation;
        }
        finally
        {
            await end.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(_lasting).ConfigureAwait(false);
            foreach (WorkerPlace place in _places)
                await place.DisposeAsync().ConfigureAwait(false);
            await _head.DisposeAsync().ConfigureAwait(false);
            _disk?.Dispose();
        }
    }

    private async Task<(RunEnding? Ending, string? Failure)> DriveAsync(TimeSpan bound, CancellationToken end, CancellationToken interrupted)
    {
        try
        {
            await _head.StartAsync(end).ConfigureAwait(false);
            FollowLog();
            for (int i = 0; i < _schedule.Workers; i++)
                AddPlace();
            int next = 0;
            using var look = new PeriodicTimer(Look, _time);
            while (true)
            {
                await look.WaitForNextTickAsync(end).ConfigureAwait(false);
                Observe();
                if (_head.HasEnded)
                {
                    if (!await GoesOnAsync(end).ConfigureAwait(false))
                        break;
                    continue;
                }
                foreach (WorkerPlace place in _places)
                    place.Tend();
                while (next < _strikes.Count && _strikes[next].Plan.Step <= _follower.Decided)
                    await StrikeAsync(_strikes[next++], end).ConfigureAwait(false);
            }
            int code = await _head.Leader.Ended.WaitAsync(end).ConfigureAwait(false);
            return (new RunEnding(code, After("model sha256 "), After("state sha256 ")), Complaint());
        }
        catch (OperationCanceledException) when (!interrupted.IsCancellationRequested)
        {
            return (null, Text($"the run has not ended within {bound.TotalSeconds:0} s: it stands at {_follower.Decided} of {_steps} steps"));
        }
        catch (ChaosException e)
        {
            return (null, e.Message);
        }
    }

    private void Observe()
    {
        if (_follower.Look())
            _clock.Tick(Now);
        IReadOnlyList<string> lines = _head.Leader.LinesAfter(_linesRead);
        _linesRead += lines.Count;
        ImmutableHashSet<int> lateBefore = _shares.Late;
        foreach (LostShare lost in lines.SelectMany(_shares.Observe))
        {
            if (_strikes.LastOrDefault(strike => strike.Decided is not null && strike.ProcessId == lost.ProcessId && strike.LeavesGiven is null) is { } cause)
                cause.LeavesGiven = lost.Leaves;
        }
        foreach (WorkerPlace place in _places.Where(place => place.HasMadeItsFault()))
        {
            Struck(place.Injection!, place);
            place.ForgetInjection();
        }
        foreach (Strike strike in _strikes.Where(strike => strike is { Plan.Kind: FaultKind.NonFinite, Decided: not null, ProcessId: not null } && Now - strike.At < LineDelay))
            strike.MayBeOutdone |= lateBefore.Union(_shares.Late).Contains(strike.ProcessId!.Value);
    }

    private async Task StrikeAsync(Strike strike, CancellationToken end)
    {
        PlannedFault fault = strike.Plan;
        WorkerPlace place = _places[FaultCatalogue.FieldsOf(fault.Kind).HasFlag(FaultFields.Target) ? fault.Target : 0];
        var lasts = TimeSpan.FromMilliseconds(fault.Milliseconds);
        if (FaultCatalogue.IsInjected(fault.Kind))
        {
            strike.Miss ??= strike.Decided is null ? "the worker computed no such leaf from that step on" : null;
            return;
        }
        if ((fault.Kind is FaultKind.Kill or FaultKind.Pause or FaultKind.Slow) && !place.Worker.Runs)
        {
            strike.Miss = "no worker ran at that place just then";
            return;
        }
        strike.ProcessId = FaultCatalogue.FieldsOf(fault.Kind).HasFlag(FaultFields.Target) ? place.Worker.Id : null;
        switch (fault.Kind)
        {
            case FaultKind.Kill:
                Struck(strike);
                await place.Worker.KillAsync().WaitAsync(end).ConfigureAwait(false);
                break;
            case FaultKind.Join:
                Struck(strike);
                AddPlace();
                break;
            case FaultKind.Pause or FaultKind.Slow:
                Struck(strike);
                _lasting.Add(SlowAsync(place.Worker, lasts, fault.Kind == FaultKind.Pause ? 0 : fault.Amount, end));
                break;
            case FaultKind.CoordinatorKill:
                await ReplaceHeadAsync(strike, lasts, end).ConfigureAwait(false);
                break;
            case FaultKind.Takeover:
                await ReplaceHeadAsync(strike, TimeSpan.Zero, end).ConfigureAwait(false);
                break;
            case FaultKind.CheckpointDamage:
                await DamageAsync(strike, lasts, end).ConfigureAwait(false);
                break;
            case FaultKind.Clock:
                Struck(strike);
                ShiftedClock.Set(_launch.ClockFile, fault.Amount);
                break;
            case FaultKind.FullDisk when _disk is null:
                strike.Miss = "the run has no disk of its own";
                break;
            case FaultKind.FullDisk:
                Struck(strike);
                _disk.Fill();
                _diskIsFree = LastAsync(lasts, _disk.Free, end);
                _lasting.Add(_diskIsFree);
                break;
            default:
                new LinkFaults(place.Link!, _lasting, LastAsync).Begin(fault, () => Struck(strike), end);
                strike.Miss = strike.Decided is null ? "so many bytes did not come any more" : null;
                break;
        }
    }

    private async Task DamageAsync(Strike strike, TimeSpan downtime, CancellationToken end)
    {
        // The one before must be sound: a run without a sound checkpoint rightly ends.
        if (CheckpointFolder.Of(_head.RunDirectory).Count() < 2)
        {
            strike.Miss = "there were not two checkpoints yet";
            return;
        }
        await ReplaceHeadAsync(strike, downtime, end, () => CheckpointFolder.Damage(_head.RunDirectory, strike.Plan.Amount, strike.Plan.Bit)).ConfigureAwait(false);
    }

    private async Task ReplaceHeadAsync(Strike strike, TimeSpan downtime, CancellationToken end, Action? meanwhile = null)
    {
        if (!await _head.CanGoOnAsync().WaitAsync(end).ConfigureAwait(false))
            return;
        Struck(strike);
        await _head.KillAsync().WaitAsync(end).ConfigureAwait(false);
        meanwhile?.Invoke();
        _follower.Look();
        long decided = _follower.Decided;
        await Task.Delay(downtime, _time, end).ConfigureAwait(false);
        strike.Replayed = Math.Max(0, decided - await GoOnAsync(end).ConfigureAwait(false));
    }

    private async Task<long> GoOnAsync(CancellationToken end)
    {
        // On a full disk no coordinator starts, and says so: whoever starts it has made room before.
        await _diskIsFree.WaitAsync(end).ConfigureAwait(false);
        long step = await _head.GoOnAsync(end).ConfigureAwait(false);
        FollowLog();
        foreach (WorkerPlace place in _places)
            place.PointTo(_head.Endpoint);
        return step;
    }

    // Two faults rightly end a run, which then must say why and go on to the same bits when it is resumed: a NaN, and a disk that is full at its very end.
    private async Task<bool> GoesOnAsync(CancellationToken end)
    {
        int code = await _head.Leader.Ended.WaitAsync(end).ConfigureAwait(false);
        if (code != 1)
            return false;
        FaultKind? reason =
            !_namedNonFinite && Says("step ", "is not finite") ? FaultKind.NonFinite
            : Says("the last checkpoint could not be written", "") ? FaultKind.FullDisk
            : null;
        if (_strikes.LastOrDefault(strike => strike.Plan.Kind == reason && strike.Decided is not null) is not { } cause)
            return false;
        _namedNonFinite |= reason == FaultKind.NonFinite;
        long decided = _follower.Decided;
        cause.Replayed = Math.Max(0, decided - await GoOnAsync(end).ConfigureAwait(false));
        return true;
    }

    private bool Says(string start, string contains) => _head.Leader.Lines.Any(
        line => line.StartsWith(start, StringComparison.Ordinal) && line.Contains(contains, StringComparison.Ordinal));

    private string? Complaint() =>
        !_namedNonFinite && _strikes.Any(strike => strike is { Plan.Kind: FaultKind.NonFinite, Decided: not null, MayBeOutdone: false })
            ? "a worker sent a NaN, and the run did not stop to say so"
            : null;

    private async Task SlowAsync(ClusterProcess worker, TimeSpan lasts, int percent, CancellationToken end)
    {
        var turn = TimeSpan.FromMilliseconds(40);
        long begin = _time.GetTimestamp();
        try
        {
            while (_time.GetElapsedTime(begin) < lasts && worker.Runs)
            {
                worker.Pause(still: true);
                await Task.Delay(percent == 0 ? lasts : turn * ((100 - percent) / 100.0), _time, end).ConfigureAwait(false);
                worker.Pause(still: false);
                if (percent > 0)
                    await Task.Delay(turn * (percent / 100.0), _time, end).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
        finally
        {
            worker.Pause(still: false);
        }
    }

    private async Task LastAsync(TimeSpan lasts, Action over, CancellationToken end)
    {
        try
        {
            await Task.Delay(lasts, _time, end).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
        finally
        {
            over();
        }
    }

    private void Struck(Strike strike, WorkerPlace? place = null)
    {
        strike.ProcessId ??= place?.Worker.Id;
        strike.Strikes(_follower.Decided, Now);
        _say(Text($"  step {_follower.Decided}: {strike.Plan}"));
    }

    private void FollowLog()
    {
        _follower = new StepFollower(Path.Combine(_head.RunDirectory, "metrics.jsonl"));
        _linesRead = 0;
        _shares.Clear();
    }

    private void AddPlace() => _places.Add(new WorkerPlace(
        _places.Count, _launch, _head.Endpoint,
        _strikes.Where(strike => FaultCatalogue.IsInjected(strike.Plan.Kind) && strike.Plan.Target == _places.Count && strike.Decided is null), _time));

    private FaultOutcome OutcomeOf(Strike strike, TimeSpan ended)
    {
        if (strike.Decided is null)
            return new FaultOutcome(strike.Plan, null, strike.Miss ?? "the run was over before", 0, 0, null);
        // No number of it entered a sum: the hashes say so.
        if (strike.MayBeOutdone && !_namedNonFinite)
            return new FaultOutcome(strike.Plan, null, "the worker was late, and others' gradients of its leaves came first", 0, 0, null);
        TimeSpan until = _strikes.Where(later => later.Decided is not null && later.At > strike.At).Select(later => later.At).DefaultIfEmpty(ended).Min();
        return new FaultOutcome(strike.Plan, strike.Decided, null, _clock.LongestGap(strike.At, until).TotalSeconds, strike.Replayed, strike.LeavesGiven);
    }

    private StepLog? ReadLog()
    {
        try
        {
            return StepLog.Read(Path.Combine(_head.RunDirectory, "metrics.jsonl"));
        }
        catch (Exception e) when (e is IOException or FormatException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string? After(string start) =>
        _head.Leader.Lines.LastOrDefault(line => line.StartsWith(start, StringComparison.Ordinal))?[start.Length..];

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
