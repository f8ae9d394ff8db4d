using Akka.Actor;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.DataPlane;
using Lockstep.Coordinator.Failures;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Running;
using Lockstep.Coordinator.Steps;
using Lockstep.Coordinator.Terms;
using Lockstep.Coordinator.Views;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Messages;
using StepDecided = Lockstep.Coordinator.Parameters.StepDecided;

namespace Lockstep.Coordinator.Actors;

/// <content>Workers: how they come, how they go, and what the others are given then.</content>
internal sealed partial class CoordinatorActor
{
    private void OnRegister(RegisterWorker register)
    {
        if (_roster.Find(register.Incarnation) is not { } worker || worker.Stage == WorkerStage.Gone)
        {
            Sender.Tell(new WorkerRefused(register.Incarnation, "this incarnation has no connection on the data plane: join again"));
            return;
        }
        // The first actor that speaks for an incarnation, and gives the name that the data plane knows, speaks for it from then on.
        if (worker.Stage > WorkerStage.Preparing || (worker.Actor is { } known && !known.Equals(Sender)) || !worker.Is(register.Host, register.ProcessId))
        {
            _run.Log.Warning("{Sender} registers as {Worker}, and is not: it is refused", Sender.Path.ToString(), worker.Name);
            if (!Sender.Equals(worker.Actor))
                Sender.Tell(new WorkerRefused(register.Incarnation, $"this incarnation is {worker.Name}: join again"));
            return;
        }
        worker.Actor = Sender;
        worker.Threads = register.Threads;
        worker.Stage = WorkerStage.Preparing;
        Context.Watch(Sender);
        Sender.Tell(new JobOffered(
            _run.Directory.Run.Value, _term.Term, _run.JobText, _run.JobSha256, _run.Plan.Data.Fingerprint, _run.Options.Source.BaseFolder, _run.Statistics));
        // Standbys may have come between the handshake and this.
        if (_run.Succession.Present is { Length: > 0 } standbys)
            Sender.Tell(new SuccessionChanged(_run.Directory.Run.Value, _term.Term, standbys));
    }

    private WorkerEntry? Accept(JobAccepted accepted)
    {
        if (Speaker(accepted.Incarnation, accepted) is not { Stage: WorkerStage.Preparing } worker)
            return null;
        if (accepted.JobSha256 != _run.JobSha256)
        {
            LetGo(accepted.Incarnation, WorkerState.Refused, $"it accepted the job {accepted.JobSha256}, but {_run.JobSha256} was offered");
            return null;
        }
        worker.Stage = WorkerStage.Ready;
        return worker;
    }

    private void Attach(long incarnation, WorkerEntry worker)
    {
        worker.Stage = WorkerStage.Receiving;
        _run.Server.Attach(incarnation, worker.Connection);
    }

    private void OnVersionHeld(VersionHeld held)
    {
        if (_roster.Find(held.Worker) is not { Stage: WorkerStage.Receiving } worker)
            return;
        worker.Stage = WorkerStage.Computing;
        worker.Shown = WorkerState.Training;
        AdmitHolders($"{worker.Name} holds version {held.Version}");
    }

    /// <summary>Gives a share to all who hold a version and have none yet.</summary>
    private void AdmitHolders(string reason)
    {
        long[] waiting = [.. _roster.At(WorkerStage.Computing).Select(pair => pair.Incarnation).Where(id => !_planner.Workers.Contains(id))];
        // The first view waits for all that began together, so that nothing is computed twice.
        bool first = _planner.Workers.Count == 0;
        if (first && _roster.CountAt(WorkerStage.Receiving) > 0)
            ReportWorkers(reason);
        else if (waiting.Length > 0 && _planner.Admit(waiting, _step) is { } view)
            Publish(reason, view);
        WarnOfIdleWorkers();
    }

    private void WarnOfIdleWorkers()
    {
        int idle = _planner.Workers.Count - _run.Plan.Shards;
        if (idle <= 0 || _warnedOfIdleWorkers)
            return;
        _warnedOfIdleWorkers = true;
        _reporter.Warn($"There are {_planner.Workers.Count} workers for {_run.Plan.Shards} leaves, so {idle} of them have nothing to do. Raise training.shards (it belongs to the numbers: the result changes), or use fewer workers.");
    }

    private void OnVersionReleased(VersionReleased released)
    {
        if (_roster.Find(released.Worker) is not { } worker)
            return;
        worker.Speed.Add(released.Leaves, released.Seconds);
        if (worker.Speed.LeavesPerSecond is { } speed)
            _planner.Measure(released.Worker, speed);
        // What was cancelled is not reported, so these were computed in time.
        if (released.Leaves > 0)
            _planner.Delivered(released.Worker, released.Version);
    }

    private void OnDisconnected(WorkerDisconnected disconnected)
    {
        if (_roster.Find(disconnected.Worker) is not { Stage: not WorkerStage.Gone } worker)
            return;
        string reason = disconnected.Reason.Text;
        // Once the last step is decided, nobody's death speaks against it.
        bool computed = worker.Stage == WorkerStage.Computing && _ending is null;
        LetGo(disconnected.Worker, WorkerState.Lost, reason);
        if (computed && _failures.Died(_step, worker.Name, _run.Time.GetElapsedTime(_clockStart)) is { } verdict)
            Fail($"{verdict} (its connection: {reason})");
    }

    private void OnLeave(LeaveRequested leave)
    {
        if (Speaker(leave.Incarnation, leave) is not { } worker)
            return;
        worker.Actor?.Tell(new WorkerDismissed(leave.Incarnation, DismissalReason.LeftOnRequest, "left as asked"));
        LetGo(leave.Incarnation, WorkerState.Leaving, "left as asked");
    }

    private void OnComputationFailed(ComputationFailed failed)
    {
        if (Speaker(failed.Incarnation, failed) is not { } worker)
            return;
        var node = new TreeNode(failed.FirstLeaf, failed.Leaves);
        if (failed.Step < _run.FirstStep || failed.Step > _step || !node.IsAligned || !SumTree.Root(_run.Plan.Shards).Contains(node))
        {
            _run.Log.Warning("{Worker} says that it failed at step {Step}, leaves {First}+{Leaves}, which it cannot have computed: ignored", worker.Name, failed.Step, failed.FirstLeaf, failed.Leaves);
            return;
        }
        _run.Log.Error("{Worker} failed at step {Step}: {Message}\n{Detail}", worker.Name, failed.Step, failed.Message, failed.Detail);
        LetGo(failed.Incarnation, WorkerState.Lost, failed.Message);
        // By process: one that comes back as another incarnation is the same machine, and proves nothing against the job.
        if (_failures.Threw(failed.Step, node, worker.Name, failed.Message) is { } verdict)
            Fail(verdict);
    }

    /// <summary>A worker is gone, for whatever reason: its nodes are given away within the present step.</summary>
    private void LetGo(long incarnation, WorkerState state, string reason)
    {
        NoteCompany();
        if (_roster.Find(incarnation) is not { Stage: not WorkerStage.Gone } worker)
            return;
        worker.Stage = WorkerStage.Gone;
        (worker.Shown, worker.Reason) = (state, reason);
        _run.Log.Information("{Worker} is gone ({State}): {Reason}", worker.Name, state, reason);
        if (worker.Actor is { } actor)
        {
            Context.Unwatch(actor);
            // Its node never comes back: who wakes from a pause begins another. What the old one thought of the others' being reachable, when it woke, must not count any more.
            if (state != WorkerState.Leaving)
                _run.GiveUp(actor.Path.Address);
        }
        worker.Connection.Close(reason);
        if (_training)
            _run.Server.Detach(incarnation);

        bool hadShare = _planner.Workers.Contains(incarnation);
        if (_planner.Remove(incarnation, _step) is { } view)
        {
            Publish($"{worker.Name}: {reason}", view);
            return;
        }
        ReportWorkers($"{worker.Name}: {reason}");
        if (hadShare && _planner.Workers.Count == 0)
        {
            _run.Server.ForgetViews();
            _reporter.Waiting(0);
            if (_stopping)
                _run.Server.RequestStop(abandonStep: true);
        }
        else if (_training)
        {
            // The others may have waited for this one alone.
            AdmitHolders($"{worker.Name}: {reason}");
        }
    }

    private void Publish(string reason, params ReadOnlySpan<ClusterView> views)
    {
        foreach (ClusterView view in views)
        {
            _run.Log.Information("View {Number} from step {FromStep}: {Reason}", view.Number, view.FromStep, reason);
            _run.Server.Use(view);
            Tell(view);
            if (view.FromStep <= _step)
                GivenOutAnew();
        }
        ShowTrials();
        ReportWorkers(reason);
    }

    /// <summary>The worker whom a message speaks for; null, with a line in the log, where its sender is not that worker's actor.</summary>
    private WorkerEntry? Speaker(long incarnation, IWireMessage message)
    {
        WorkerEntry? worker = _roster.Find(incarnation);
        if (worker?.Actor is { } actor && actor.Equals(Sender))
            return worker;
        _run.Log.Warning("{Message} for worker {Incarnation} from {Sender}, which is not that worker: ignored", message.GetType().Name, incarnation, Sender.Path.ToString());
        return null;
    }

    private void ReportWorkers(string reason) => _reporter.Workers(_roster, _planner.Newest, reason);

    private string Name(long incarnation) => _roster.Find(incarnation)?.Name ?? $"worker {incarnation}";
}
