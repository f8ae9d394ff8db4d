using Akka.Actor;
using Akka.Cluster;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;
using Lockstep.Protocol.Messages;
using Serilog;

namespace Lockstep.Coordinator.Succession;

/// <summary>
/// A standby on the control plane: registers, takes the job and loads the data, hears who would take over, and whom the cluster gives up.
/// </summary>
internal sealed class StandbyActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan RegisterInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RepeatInterval = TimeSpan.FromSeconds(2);

    private readonly StandbySession _session;
    private readonly ActorSelection _coordinator;
    private readonly string? _dataRoot;
    private readonly StandbyPlan? _known;
    private readonly Action<StandbyPlan> _ready;
    private readonly ILogger _log;
    private readonly HashSet<UniqueAddress> _voters = [];

    /// <param name="session">This stay.</param>
    /// <param name="coordinator">The coordinator's actor.</param>
    /// <param name="dataRoot">Where the job's files are here; null for the coordinator's folder.</param>
    /// <param name="known">What was loaded for the coordinator before; null at first.</param>
    /// <param name="ready">Told before the coordinator is, so that checkpoints find their place.</param>
    /// <param name="log">The log.</param>
    public StandbyActor(StandbySession session, ActorSelection coordinator, string? dataRoot, StandbyPlan? known, Action<StandbyPlan> ready, ILogger log)
    {
        (_session, _coordinator, _dataRoot, _known, _ready, _log) = (session, coordinator, dataRoot, known, ready, log);
        Registering();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private long Number => _session.Welcome.Incarnation;

    private sealed record TryRegister;

    private sealed record Loaded(StandbyPlan Plan);

    private sealed record Unusable(string Reason);

    private sealed record Readiness(string JobSha256);

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer("register", new TryRegister(), TimeSpan.Zero, RegisterInterval);
        Cluster.Get(Context.System).Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.MemberUp), typeof(ClusterEvent.MemberDowned), typeof(ClusterEvent.MemberRemoved));
        base.PreStart();
    }

    protected override void PostStop()
    {
        Cluster.Get(Context.System).Unsubscribe(Self);
        base.PostStop();
    }

    /// <summary>Waits for the coordinator's actor to answer.</summary>
    private void Registering()
    {
        Receive<TryRegister>(_ => _coordinator.Tell(new RegisterStandby(Number, Environment.MachineName, Environment.ProcessId)));
        Receive<JobOffered>(offer =>
        {
            Timers.Cancel("register");
            Load(offer).PipeTo(Self);
            Become(Loading);
        });
        Common();
    }

    /// <summary>Waits for the data to be loaded.</summary>
    private void Loading()
    {
        Receive<Loaded>(loaded =>
        {
            try
            {
                _ready(loaded.Plan);
            }
            catch (Exception e) when (e is Running.RunDirectoryException or IOException or UnauthorizedAccessException)
            {
                _session.End(StandbyOutcome.Failed, e.Message);
                return;
            }
            // The control plane delivers at most once, and without this word no checkpoint comes; one that has been heard is ignored.
            Timers.StartPeriodicTimer("ready", new Readiness(loaded.Plan.JobSha256), TimeSpan.Zero, RepeatInterval);
            Become(Common);
        });
        Receive<Unusable>(unusable => _session.End(StandbyOutcome.Refused, unusable.Reason));
        Common();
    }

    private void Common()
    {
        Receive<Readiness>(readiness => _coordinator.Tell(new StandbyReady(Number, readiness.JobSha256)));
        Receive<SuccessionChanged>(changed =>
        {
            if (changed.Run == _session.Welcome.Run && changed.Term == _session.Welcome.Term)
                _session.Succeed(changed.Standbys);
        });
        Receive<WorkerRefused>(refused => _session.End(StandbyOutcome.CoordinatorLost, refused.Reason));
        // Who is not up does not count when the resolver decides.
        Receive<ClusterEvent.MemberUp>(up =>
        {
            _voters.Add(up.Member.UniqueAddress);
            _log.Information("{Voters} nodes of the cluster count", _voters.Count);
        });
        Receive<ClusterEvent.MemberDowned>(downed => GiveUp(downed.Member));
        // A node that is taken out of the cluster sees all others removed, and knows nothing of them.
        Receive<ClusterEvent.MemberRemoved>(removed =>
        {
            _voters.Remove(removed.Member.UniqueAddress);
            if (removed.PreviousStatus == MemberStatus.Down)
                GiveUp(removed.Member);
        });
        ReceiveAny(_ => { });
    }

    private void GiveUp(Member member)
    {
        bool self = member.UniqueAddress.Equals(Cluster.Get(Context.System).SelfUniqueAddress);
        _log.Information("The cluster has given up {Roles}{Self:l}", string.Join(", ", member.Roles), self ? ", which is this process" : "");
        if (self)
            _session.Isolate();
        else
            _session.GiveUp(member.Roles);
    }

    private Task<object> Load(JobOffered offer) => Task.Factory.StartNew<object>(
        () =>
        {
            try
            {
                // A coordinator that took over offers the job of the one before.
                if (_known?.JobSha256 == offer.JobSha256 && _known.Plan.Data.Fingerprint == offer.DataFingerprint)
                    return new Loaded(_known);
                TrainingPlan plan = OfferedJob.Load(
                    offer.Job, offer.JobSha256, offer.DataFingerprint, offer.Statistics, JobSource.OfFolder(_dataRoot ?? offer.DataFolder));
                return new Loaded(new StandbyPlan(plan, offer.JobSha256, offer.DataFolder));
            }
            catch (Exception e)
            {
                return new Unusable(e.Message);
            }
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);
}
