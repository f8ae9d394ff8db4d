using Akka.Actor;
using Lockstep.Engine.Simd;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Messages;
using Lockstep.WorkerNode.Computing;
using Lockstep.WorkerNode.DataPlane;
using Lockstep.WorkerNode.Running;
using Serilog;

namespace Lockstep.WorkerNode.Actors;

/// <summary>
/// The worker on the control plane: registers, takes the job, brings views to the engine, reports failures. It never
/// computes; the engine has its own thread, and the data is loaded on another.
/// </summary>
public sealed class WorkerActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan RegisterInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RepeatInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeavePatience = TimeSpan.FromSeconds(10);

    private readonly WorkerSession _session;
    private readonly ActorSelection _coordinator;
    private readonly ILogger _log;
    private EngineThread? _engine;

    public WorkerActor(WorkerSession session, ActorSelection coordinator, ILogger log)
    {
        (_session, _coordinator, _log) = (session, coordinator, log);
        Registering();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private long Incarnation => _session.Welcome.Incarnation;

    /// <summary>Asks the worker to leave; it says goodbye to the coordinator first.</summary>
    public sealed record Leave;

    private sealed record TryRegister;

    private sealed record PlanReady(TrainingPlan Plan, string JobSha256);

    private sealed record PlanUnusable(string Reason);

    private sealed record Acceptance(string JobSha256);

    private sealed record LeaveTimedOut;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer("register", new TryRegister(), TimeSpan.Zero, RegisterInterval);
        base.PreStart();
    }

    protected override void PostStop()
    {
        // The connection first: afterwards nothing lands in the engine's memory any more.
        _session.CloseConnection();
        _engine?.Dispose();
        base.PostStop();
    }

    /// <summary>Waits for the coordinator's actor to answer.</summary>
    private void Registering()
    {
        Receive<TryRegister>(_ => _coordinator.Tell(new RegisterWorker(
            Incarnation, Environment.MachineName, Environment.ProcessId, _session.Options.Threads, VectorWidth.Lanes * 32)));
        Receive<JobOffered>(offer =>
        {
            Timers.Cancel("register");
            Prepare(offer).PipeTo(Self);
            Become(Preparing);
        });
        Common();
    }

    /// <summary>Waits for the data to be loaded.</summary>
    private void Preparing()
    {
        Receive<PlanReady>(ready =>
        {
            _log.Information("Job accepted: {Parameters} parameters, {Samples} samples", ready.Plan.Network.Layout.ParameterCount, ready.Plan.Data.Training.Count);
            IActorRef self = Self;
            _engine = new EngineThread(Incarnation, ready.Plan, _session.Options.Threads, _session.Connection, _session.Time, failure => self.Tell(failure), _session.Options.Injected);
            _session.Connection.Serve(new RunId(_session.Welcome.Run), _session.Welcome.Term, _engine.Slots, _engine.Board);
            _engine.Start();
            Become(Working);
            // The control plane delivers at most once, and without this word nothing follows; one that has been heard is ignored.
            Timers.StartPeriodicTimer("accept", new Acceptance(ready.JobSha256), TimeSpan.Zero, RepeatInterval);
        });
        Receive<PlanUnusable>(unusable =>
        {
            _coordinator.Tell(new JobDeclined(Incarnation, unusable.Reason));
            _session.End(WorkerOutcome.Refused, unusable.Reason);
        });
        Common();
    }

    /// <summary>Brings views to the engine.</summary>
    private void Working()
    {
        Receive<Acceptance>(acceptance => _coordinator.Tell(new JobAccepted(Incarnation, acceptance.JobSha256)));
        Receive<ViewPublished>(view =>
        {
            Timers.Cancel("accept");
            if (_session.Allegiance.Includes(new RunId(view.Run), view.Term) && !_engine!.Board.Add(view))
                _log.Error("View {Number} gives out leaves that are no nodes of the tree: ignored", view.Number);
        });
        Receive<EngineFailure>(failure =>
        {
            string message = $"{failure.Cause.GetType().Name}: {failure.Cause.Message}";
            _log.Error(failure.Cause, "Step {Step}, {Node} failed", failure.Step, failure.Node);
            _coordinator.Tell(new ComputationFailed(
                Incarnation, failure.Step, failure.Node.Start, failure.Node.Count, null, message, failure.Cause.ToString()));
            _session.End(WorkerOutcome.Failed, $"step {failure.Step}, {failure.Node}: {message}");
        });
        Common();
    }

    private void Common()
    {
        Receive<WorkerRefused>(refused => _session.End(WorkerOutcome.Refused, refused.Reason));
        Receive<WorkerDismissed>(dismissed => _session.End(
            dismissed.Reason == DismissalReason.LeftOnRequest ? WorkerOutcome.Left : WorkerOutcome.RunEnded, dismissed.Explanation));
        Receive<Leave>(_ =>
        {
            _coordinator.Tell(new LeaveRequested(Incarnation));
            Timers.StartSingleTimer("leave", new LeaveTimedOut(), LeavePatience);
        });
        Receive<LeaveTimedOut>(_ => _session.End(WorkerOutcome.Left, "left without an answer from the coordinator"));
        Receive<SuccessionChanged>(changed =>
        {
            if (changed.Run == _session.Welcome.Run && changed.Term == _session.Welcome.Term)
                _session.Succeed(changed.Standbys);
        });
        Receive<JobOffered>(_ => { });
        Receive<TryRegister>(_ => { });
    }

    private Task<object> Prepare(JobOffered offer) => Task.Factory.StartNew<object>(
        () =>
        {
            try
            {
                TrainingPlan plan = OfferedJob.Load(offer.Job, offer.JobSha256, offer.DataFingerprint, offer.Statistics, JobSource.OfFolder(_session.Options.DataRoot ?? offer.DataFolder));
                return new PlanReady(plan, offer.JobSha256);
            }
            catch (Exception e)
            {
                return new PlanUnusable(e.Message);
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);
}
