using System.Globalization;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Running;
using Lockstep.Coordinator.Steps;
using Lockstep.Coordinator.Stragglers;
using Lockstep.Coordinator.Views;
using StepDecided = Lockstep.Coordinator.Parameters.StepDecided;

namespace Lockstep.Coordinator.Actors;

/// <content>Workers that a step waits for too long: what is missing of them is computed by others too.</content>
internal sealed partial class CoordinatorActor
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(0.1);

    private readonly LatenessRule _lateness = new();
    private readonly StepWatch _watch = new();
    private bool _givenOutAnew;
    private int _backedUp;
    private TimeSpan _askAgain;

    private sealed record LookDue;

    private TimeSpan Now => _run.Time.GetElapsedTime(_clockStart);

    private void Stragglers()
    {
        Receive<LookDue>(_ => LookAtStep());
        Receive<LeavesMissing>(OnLeavesMissing);
    }

    private void WatchSteps()
    {
        _watch.Begin(Now);
        Timers.StartPeriodicTimer("look", new LookDue(), LookInterval);
    }

    /// <summary>The present step's work was given out, or given out anew: it may take as long as from its beginning.</summary>
    private void GivenOutAnew()
    {
        _watch.Begin(Now);
        (_givenOutAnew, _askAgain) = (true, TimeSpan.Zero);
    }

    /// <summary>Learns how long an ordinary step takes.</summary>
    /// <returns>Leaves of the step that were given to others too.</returns>
    private int LearnFrom(StepDecided decided)
    {
        int backedUp = _backedUp;
        if (!_givenOutAnew && decided.Step == _step && _planner.PlannedSeconds(_step) is { } planned)
            _lateness.Learn(decided.Work, _watch.Look(Now).TotalSeconds, planned);
        _watch.Begin(Now);
        (_givenOutAnew, _backedUp, _askAgain) = (false, 0, TimeSpan.Zero);
        return backedUp;
    }

    private void LookAtStep()
    {
        TimeSpan open = _watch.Look(Now);
        if (open.TotalSeconds < LatenessRule.LeastSeconds || open < _askAgain || Bound() is not { } bound || open.TotalSeconds < bound)
            return;
        _askAgain = open + TimeSpan.FromSeconds(LatenessRule.LeastSeconds);
        _run.Server.AskForMissing(_step);
    }

    private void OnLeavesMissing(LeavesMissing missing)
    {
        // Much may have happened since it was asked for.
        double open = _watch.Open.TotalSeconds;
        if (missing.Step != _step || _ending is not null || Bound() is not { } bound || open < bound)
            return;
        IReadOnlyList<long> late = _planner.Late(missing.Leaves, _step, newcomersToo: open >= bound * LatenessRule.NewcomerPatience);
        if (late.Count == 0)
            return;
        string usual = Usual() is { } seconds ? string.Create(CultureInfo.InvariantCulture, $", usually {seconds:0.00} s") : "";
        (ClusterView present, ClusterView next, int leaves) = _planner.BackUp(late, missing.Leaves, _step);
        _backedUp += leaves;
        string names = string.Join(", ", late.Select(Name));
        _run.Log.Information("{Workers} late at step {Step}, open for {Open} s of at most {Bound} s: {Leaves} leaves are backed up", names, _step, open, bound, leaves);
        Publish(
            string.Create(CultureInfo.InvariantCulture, $"{names} {(late.Count == 1 ? "is" : "are")} late at step {_step} ({open:0.00} s{usual}): others compute {leaves} leaves too"),
            present,
            next);
    }

    private double? Bound() => _planner.ShortestSeconds() is { } shortest ? _lateness.Bound(WorkOf(_step), shortest) : null;

    private double? Usual() => _planner.ShortestSeconds() is { } shortest ? _lateness.Usual(WorkOf(_step), shortest) : null;

    private StepWork WorkOf(long step) =>
        (_run.Plan.TrainsAt(step) ? StepWork.Train : StepWork.None) | (_run.Plan.EvaluatesAt(step) ? StepWork.Evaluate : StepWork.None);

    private void ShowTrials()
    {
        foreach ((long incarnation, WorkerEntry worker) in _roster.At(WorkerStage.Computing))
        {
            bool late = _planner.IsOnTrial(incarnation);
            if (worker.Shown == WorkerState.Late && !late)
                _reporter.Notice($"{worker.Name} is in time again and has a share");
            worker.Shown = late ? WorkerState.Late : WorkerState.Training;
        }
    }
}
