using Akka.Actor;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.DataPlane;
using Lockstep.Coordinator.Failures;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Running;
using Lockstep.Coordinator.Standbys;
using Lockstep.Coordinator.Steps;
using Lockstep.Coordinator.Terms;
using Lockstep.Coordinator.Views;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Messages;
using StepDecided = Lockstep.Coordinator.Parameters.StepDecided;

namespace Lockstep.Coordinator.Actors;

/// <summary>
/// Leads a run: lets workers in, publishes views, and hears of every decided step. It decides nothing itself: the planner,
/// the policy and the plan do, and it carries out what they say.
/// </summary>
internal sealed partial class CoordinatorActor : ReceiveActor, IWithTimers
{
    private readonly RunContext _run;
    private readonly WorkerRoster _roster;
    private readonly ViewPlanner _planner;
    private readonly FailurePolicy _failures = new();
    private readonly RunReporter _reporter;
    private readonly long _clockStart;
    private CoordinatorTerm _term;
    private long _step;
    private bool _training;
    private bool _stopping;
    private bool _warnedOfIdleWorkers;
    private long _decidedBefore;
    private RunEnded? _ending;

    public CoordinatorActor(RunContext run)
    {
        _run = run;
        _term = run.Terms.Present;
        _step = run.FirstStep;
        _planner = new ViewPlanner(run.Plan.Shards);
        _roster = new WorkerRoster();
        _reporter = new RunReporter(run);
        _clockStart = run.Time.GetTimestamp();
        if (run.Ended.Task.IsCompleted)
            Ended();
        else
            Gathering();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Asks the run to stop: finish the step, save it, let the workers go.</summary>
    public sealed record StopRequested(string Reason);

    private sealed record Diagnosed(string Explanation);

    private sealed record RebalanceDue;

    protected override void PreStart()
    {
        if (_run.Ended.Task.IsCompleted)
            return;
        _reporter.Begin();
        _reporter.Waiting(0);
        Timers.StartPeriodicTimer("rebalance", new RebalanceDue(), TimeSpan.FromSeconds(2));
        base.PreStart();
    }

    // A new instance would know nothing of the workers and of the term, so a failure here is the end of the run; its checkpoints are there.
    protected override void PreRestart(Exception reason, object message)
    {
        _run.Log.Error(reason, "The coordinator failed on {Message}", message?.GetType().Name);
        Fail($"the coordinator failed at step {_step}: {reason.Message} --resume goes on from the last checkpoint");
        base.PreRestart(reason, message!);
    }

    protected override void PostStop()
    {
        DisposeOfStandbys();
        string cause = Akka.Cluster.Cluster.Get(Context.System).IsTerminated
            ? $"the other nodes of the cluster gave this coordinator up at step {_step}: they did not hear it for a while, because its machine was paused, overloaded or cut off. A standby, if there is one, goes on; else --resume goes on from the last checkpoint"
            : $"the coordinator's actor was stopped at step {_step}. --resume goes on from the last checkpoint";
        _run.Ended.TrySetResult(new RunEnded(RunOutcome.Failed, _step, _reporter.LastMetrics, null, null, null, cause));
        base.PostStop();
    }

    /// <summary>Waits for as many workers as were asked for; the term may still rise.</summary>
    private void Gathering()
    {
        Receive<JobAccepted>(accepted =>
        {
            if (Accept(accepted) is null)
                return;
            int ready = _roster.CountAt(WorkerStage.Ready);
            if (ready < _run.Options.WorkersMinimum)
            {
                _reporter.Waiting(ready);
                return;
            }
            BeginTraining();
            Become(Training);
        });
        Receive<StopRequested>(_ => End(RunOutcome.Interrupted, "stopped before training began"));
        Common();
    }

    /// <summary>Steps are made; workers come and go.</summary>
    private void Training()
    {
        Receive<JobAccepted>(accepted =>
        {
            if (Accept(accepted) is { } worker)
                Attach(accepted.Incarnation, worker);
        });
        Receive<StepDecided>(OnStepDecided);
        Receive<ServerStopped>(OnServerStopped);
        Receive<CopiesDiffer>(differ => Fail(
            $"step {differ.Step}: {Name(differ.Worker)} and {Name(differ.OtherWorker)} computed different bits for {new TreeNode(differ.FirstLeaf, differ.Leaves)} of channel {differ.Channel}. One of the two machines is broken, or runs another build: take each out in turn and resume"));
        Receive<NotFinite>(Diagnose);
        Receive<Diagnosed>(diagnosed => Fail(diagnosed.Explanation));
        Receive<HigherTermSeen>(seen => StandDown($"{Name(seen.Worker)} works for term {seen.Term}, this coordinator leads at term {_term.Term}: another one has taken over"));
        Receive<ContributionRefused>(refused =>
        {
            _run.Log.Warning("{Worker} sent a contribution that was refused: {Verdict}", Name(refused.Worker), refused.Verdict);
            _roster.Find(refused.Worker)?.Connection.Close($"a contribution was refused: {refused.Verdict}");
        });
        Receive<ReleaseRefused>(refused =>
        {
            _run.Log.Warning("{Worker} let a version go that it was never sent", Name(refused.Worker));
            _roster.Find(refused.Worker)?.Connection.Close("it let a version go that it was never sent");
        });
        Receive<ServerFailed>(failed =>
        {
            _run.Log.Error(failed.Cause, "The parameter server failed at step {Step}", failed.Step);
            Fail($"the parameter server failed at step {failed.Step}: {failed.Cause.Message}");
        });
        Receive<StopRequested>(stop =>
        {
            _run.Log.Information("Stopping: {Reason}", stop.Reason);
            _stopping = true;
            _run.Server.RequestStop(abandonStep: _planner.Workers.Count == 0);
        });
        Common();
    }

    /// <summary>The run has ended; late messages do not matter any more.</summary>
    private void Ended()
    {
        Receive<StepDecided>(late => late.Snapshot?.Dispose());
        Receive<ServerStopped>(late => late.Snapshot.Dispose());
        Receive<NotFinite>(late => late.Start.Unpin());
        Receive<RegisterWorker>(late => Sender.Tell(new WorkerDismissed(late.Incarnation, DismissalReason.RunEnded, "the run has ended")));
        ReceiveAny(_ => { });
    }

    private void Common()
    {
        Receive<WorkerGreeted>(greeted =>
        {
            _roster.Add(greeted.Worker, new WorkerEntry(greeted.Hello, greeted.Connection));
            if (greeted.Hello.KnownRun == _run.Directory.Run.Value)
                _decidedBefore = Math.Max(_decidedBefore, Math.Min(greeted.Hello.KnownVersion, _run.Plan.TotalSteps));
            ReportWorkers($"{Name(greeted.Worker)} joins");
        });
        Receive<RegisterWorker>(OnRegister);
        Receive<JobDeclined>(declined =>
        {
            if (Speaker(declined.Incarnation, declined) is not null)
                LetGo(declined.Incarnation, WorkerState.Refused, declined.Reason);
        });
        Receive<VersionHeld>(OnVersionHeld);
        Receive<VersionReleased>(OnVersionReleased);
        Receive<WorkerDisconnected>(OnDisconnected);
        Receive<LeaveRequested>(OnLeave);
        Receive<ComputationFailed>(OnComputationFailed);
        Receive<Terminated>(terminated =>
        {
            if (_roster.FindByActor(terminated.ActorRef) is { } worker)
                worker.Connection.Close("its actor system has left the cluster");
        });
        Receive<TermHeard>(OnTermHeard);
        Receive<CheckpointOutcome>(OnCheckpoint);
        Receive<RebalanceDue>(_ =>
        {
            if (_training && _planner.Rebalance(_step) is { } view)
                Publish("balanced by measured speed", view);
            RepeatViews();
            WatchStandbys();
        });
        Stragglers();
        Standbys();
    }

    private void BeginTraining()
    {
        _term = _run.Terms.Seal();
        _training = true;
        WatchSteps();
        if (_decidedBefore > _run.FirstStep)
            _reporter.Notice($"steps {_run.FirstStep} to {_decidedBefore - 1}, which were decided after the checkpoint, are replayed");
        _run.Server.Start(_term.Term);
        foreach ((long incarnation, WorkerEntry worker) in _roster.At(WorkerStage.Ready))
            Attach(incarnation, worker);
    }

    private void OnStepDecided(StepDecided decided)
    {
        int backedUp = LearnFrom(decided);
        _step = decided.Step + 1;
        if (_reporter.Report(decided, _roster.SlowestRoundTrip, backedUp) is { } contradiction)
        {
            // A state that contradicts what came before must not become the checkpoint that is gone on from.
            decided.Snapshot?.Dispose();
            Fail(contradiction);
        }
        else if (decided.Snapshot is { } snapshot)
        {
            Save(snapshot);
        }
    }

    // The lines of the steps before a checkpoint are durable before it is, since nobody writes them again after it.
    private void Save(TrainingSnapshot snapshot)
    {
        try
        {
            _run.Metrics.Flush();
        }
        catch (IOException e)
        {
            long step = snapshot.Step;
            snapshot.Dispose();
            OnCheckpoint(new CheckpointOutcome(step, null, e));
            return;
        }
        _run.Checkpoints.Post(snapshot);
    }

    private void OnServerStopped(ServerStopped stopped)
    {
        bool complete = stopped.Step >= _run.Plan.TotalSteps && !_stopping;
        _ending = complete
            ? _reporter.Conclude(stopped.Step)
            : new RunEnded(RunOutcome.Interrupted, stopped.Step, _reporter.LastMetrics, null, null, null, $"stopped after {stopped.Step} of {_run.Plan.TotalSteps} steps; --resume goes on");
        Save(stopped.Snapshot);
    }

    private void OnCheckpoint(CheckpointOutcome outcome)
    {
        if (outcome.Checkpoint is { } written)
        {
            _reporter.Checkpointed(written);
            OfferToStandbys(written);
        }
        else
            _run.Log.Error(outcome.Failure, "The checkpoint of step {Step} failed", outcome.Step);

        if (_ending is { } ending && outcome.Step == ending.Steps)
        {
            EndWhenHeld(outcome.Failure is null
                ? ending with { Checkpoint = outcome.Checkpoint!.Path, ModelSha256 = outcome.Checkpoint.ModelSha256, StateSha256 = outcome.Checkpoint.StateSha256 }
                : ending with { Outcome = RunOutcome.Failed, Explanation = $"the last checkpoint could not be written: {outcome.Failure.Message} When that is mended, --resume goes on from the one before, to the same model" });
        }
        else if (outcome.Failure is not null)
        {
            _reporter.Warn($"The checkpoint of step {outcome.Step} could not be written: {outcome.Failure.Message} Training goes on; the checkpoint before it is still there.");
        }
    }

    private void OnTermHeard(TermHeard heard)
    {
        if (heard.Answer == TermAnswer.MustStop)
        {
            StandDown($"{heard.Remote} has worked for term {heard.Known} of this run, this coordinator leads at term {_term.Term}: another one has taken over");
            return;
        }
        _term = _run.Terms.Present;
        _run.Log.Information("{Remote} has seen term {Known}: this coordinator leads at term {Term} now", heard.Remote, heard.Known, _term.Term);
        // Those who joined at the lower term come back by themselves.
        foreach ((_, WorkerEntry worker) in _roster.Present())
            worker.Connection.Close($"the coordinator leads at term {_term.Term} now: join again");
        foreach (StandbyEntry standby in _standbys.Present)
            standby.Connection.Close($"the coordinator leads at term {_term.Term} now: join again");
    }

    private void Diagnose(NotFinite found)
    {
        string fallback = $"step {found.Step}: {(found.InUpdate ? "the updated" : "the gradient of")} parameter {found.Parameter} is not finite";
        NonFiniteDiagnosis.FindAsync(_run.Plan, found).PipeTo(
            Self,
            success: where => new Diagnosed(
                where is not null || found.InUpdate ? $"{(where is null ? fallback : $"step {found.Step}: {where}")}. Lower the learning rate or clip the gradient, or say onNonFinite: skip"
                : $"{fallback}, but computed once more by the coordinator it is: a worker computed wrongly. Resume; if it comes again, take the workers out in turn"),
            failure: e => new Diagnosed($"{fallback} (looking for the leaf failed: {e.Message})"));
    }

    private void Fail(string explanation) => End(RunOutcome.Failed, explanation);

    private void End(RunOutcome outcome, string explanation) =>
        End(new RunEnded(outcome, _step, _reporter.LastMetrics, null, null, null, explanation));

    private void End(RunEnded ended)
    {
        DismissalReason reason = ended.Outcome switch
        {
            RunOutcome.Failed => DismissalReason.RunFailed,
            RunOutcome.Interrupted => DismissalReason.RunInterrupted,
            _ => DismissalReason.RunEnded,
        };
        foreach ((long incarnation, WorkerEntry worker) in _roster.Present())
        {
            worker.Actor?.Tell(new WorkerDismissed(incarnation, reason, ended.Explanation ?? "the run has ended"));
            worker.Connection.Dismiss(new VersionKey(_run.Directory.Run, _term.Term, 0), reason);
        }
        foreach (StandbyEntry standby in _standbys.Present)
            standby.Connection.Dismiss(_term.Term, reason);
        EndHere(ended);
    }

    private void EndHere(RunEnded ended)
    {
        Timers.CancelAll();
        Become(Ended);
        _reporter.End(ended);
    }
}
