using Akka.Actor;
using Lockstep.Protocol;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Messages;
using Lockstep.Protocol.Serialization;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Joining;
using Lockstep.WorkerNode.Actors;
using MessagePack;
using Serilog;

namespace Lockstep.WorkerNode.Running;

/// <summary>A worker process's life: reach the coordinator, work, and reach it again if it is lost.</summary>
public sealed class Worker
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan AloneDeadline = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);
    private static readonly WorkerExit NotYetJoined = new(WorkerOutcome.Left, "asked to leave before it had joined");
    private static readonly TimeSpan TerminationPatience = TimeSpan.FromSeconds(5);

    private readonly WorkerOptions _options;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private CoordinatorWelcome? _lastWelcome;
    private DataEndpoint? _leader;
    private IReadOnlyList<StandbyAddress> _standbys = [];
    private long _knownVersion;
    private ActorSystem? _left;

    private Worker(WorkerOptions options, ILogger log, TimeProvider time) => (_options, _log, _time) = (options, log, time);

    /// <summary>Works until the run has ended, the worker is asked to leave, or no coordinator can be reached.</summary>
    /// <param name="options">How it joins.</param>
    /// <param name="log">Where it says what it does.</param>
    /// <param name="time">For timeouts and measurements.</param>
    /// <param name="leave">Asks it to leave in order.</param>
    public static Task<WorkerExit> RunAsync(WorkerOptions options, ILogger log, TimeProvider time, CancellationToken leave) =>
        new Worker(options, log, time).RunAsync(leave);

    private async Task<WorkerExit> RunAsync(CancellationToken leave)
    {
        try
        {
            while (true)
            {
                (WorkerSession? session, WorkerExit? notJoined) = await JoinAsync(leave);
                await EndLeftSystemAsync();
                if (session is null)
                    return notJoined!;

                WorkerExit exit = await WorkAsync(session, leave);
                if (exit.Outcome != WorkerOutcome.CoordinatorLost)
                    return exit;
                // The coordinator closes the connection of a worker that leaves; that may be seen before its answer is.
                if (leave.IsCancellationRequested)
                    return new WorkerExit(WorkerOutcome.Left, exit.Explanation);
                _log.Warning("The coordinator is lost ({Reason}); trying again for {Timeout}", exit.Explanation, _options.JoinTimeout);
            }
        }
        finally
        {
            await EndLeftSystemAsync();
        }
    }

    private async Task<(WorkerSession? Session, WorkerExit? NotJoined)> JoinAsync(CancellationToken leave)
    {
        long start = _time.GetTimestamp();
        IReadOnlyList<DataEndpoint> endpoints = CoordinatorAddresses.InOrder(_leader, _standbys, _options.Join);
        var join = new JoinOptions
        {
            Token = _options.Token,
            ProtocolVersion = ProtocolVersion.Current,
            BuildFingerprint = _options.BuildFingerprint,
            Identity = _options.Identity,
            // Where there are others to ask, one that is silent is not waited for as long.
            Deadline = endpoints.Count == 1 ? AloneDeadline : Deadline,
            Connection = new ConnectionOptions
            {
                MaximumPayload = DataPlaneLimits.PayloadBytes,
                CreditWindow = DataPlaneLimits.CreditFrames,
                QueueCapacity = DataPlaneLimits.QueuedFrames,
                Time = _time,
            },
        };
        byte[] hello = MessagePackSerializer.Serialize(new NodeHello(
            Environment.MachineName, Environment.ProcessId, ProtocolVersion.NumericContract, _lastWelcome?.Term ?? 0, _lastWelcome?.Run ?? 0, KnownVersion: _knownVersion));
        bool said = false;
        int refused = 0;
        for (int attempt = 0; ; attempt++)
        {
            int place = attempt % endpoints.Count;
            if (place == 0)
                refused = 0;
            var session = new WorkerSession(_options, _time);
            if (await TryJoinAsync(session, endpoints[place], join, hello, leave) is not var (exit, isFinal))
                return (session, null);
            refused += isFinal ? 1 : 0;
            if (exit.Outcome == WorkerOutcome.Left || refused == endpoints.Count || _time.GetElapsedTime(start) >= _options.JoinTimeout)
                return (null, exit);
            if (!said)
                _log.Information("Waiting for the coordinator at {Endpoints}: {Reason}", string.Join(", ", endpoints), exit.Explanation);
            said = true;
            try
            {
                if (place == endpoints.Count - 1)
                    await Task.Delay(RetryInterval, _time, leave);
            }
            catch (OperationCanceledException)
            {
                return (null, NotYetJoined);
            }
        }
    }

    /// <summary>Tries one address.</summary>
    /// <returns>Null on success; else why not, and whether the same attempt can never succeed.</returns>
    private async Task<(WorkerExit Exit, bool IsFinal)?> TryJoinAsync(WorkerSession session, DataEndpoint endpoint, JoinOptions join, byte[] hello, CancellationToken leave)
    {
        try
        {
            DataConnection socket = await Task.Factory.StartNew(
                () => DataConnector.Connect(endpoint, join, hello, session.Connection, leave), leave, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            session.Opened(socket);
            CoordinatorWelcome welcome = MessagePackSerializer.Deserialize<CoordinatorWelcome>(
                socket.Welcome, MessagePackSerializerOptions.Standard.WithSecurity(MessagePackSecurity.UntrustedData));
            if (_lastWelcome is { } last && last.Run == welcome.Run && !TermOf(last).MayGiveWayTo(TermOf(welcome)))
            {
                session.CloseConnection();
                return (new WorkerExit(WorkerOutcome.Refused, $"the coordinator at {endpoint} leads at term {welcome.Term}, but this worker has worked for term {last.Term}: it has been replaced"), true);
            }
            if (_lastWelcome?.Run != welcome.Run)
                _knownVersion = 0;
            session.Welcomed(welcome);
            (_lastWelcome, _leader) = (welcome, endpoint);
            return null;
        }
        catch (OperationCanceledException) when (leave.IsCancellationRequested)
        {
            return (NotYetJoined, true);
        }
        catch (MessagePackSerializationException e)
        {
            session.CloseConnection();
            return (new WorkerExit(WorkerOutcome.Refused, $"the coordinator's welcome cannot be read ({e.GetBaseException().Message}): install the same build on all machines"), true);
        }
        catch (JoinException e)
        {
            return e.IsTransient
                ? (new WorkerExit(WorkerOutcome.CoordinatorLost, $"no coordinator at {endpoint} within {_options.JoinTimeout.TotalSeconds:0} s: {e.Message}"), false)
                : (new WorkerExit(WorkerOutcome.Refused, e.Message), true);
        }
    }

    private async Task<WorkerExit> WorkAsync(WorkerSession session, CancellationToken leave)
    {
        CoordinatorWelcome welcome = session.Welcome;
        _log.Information("Joined run {Run:l} as worker {Incarnation}, term {Term}", new RunId(welcome.Run), welcome.Incarnation, welcome.Term);
        Address coordinator = new(ControlPlane.Scheme(_options.Identity is not null), ControlPlaneSettings.SystemName, welcome.ControlHost, welcome.ControlPort);
        ActorSystem system = ControlPlane.Start(
            session.LocalHost, 0, _options.Identity is { } identity ? new(identity.Certificate, identity.Trusts) : null, ControlPlaneSettings.WorkerRole);
        try
        {
            Akka.Cluster.Cluster.Get(system).Join(coordinator);
            IActorRef worker = system.ActorOf(
                Props.Create(() => new WorkerActor(session, system.ActorSelection($"{coordinator}/user/{ControlPlaneSettings.CoordinatorActor}"), _log)),
                "worker");
            await using CancellationTokenRegistration registration = leave.Register(() => worker.Tell(new WorkerActor.Leave()));
            WorkerExit exit = await session.Ended;
            await worker.GracefulStop(TerminationPatience);
            return exit;
        }
        finally
        {
            session.CloseConnection();
            _standbys = session.Standbys;
            _knownVersion = Math.Max(_knownVersion, session.Connection.NewestVersion);
            // Where somebody would take over, the node stays in the old cluster until it has: it is one of those by whom it is known that only the coordinator is gone.
            if (_standbys.Count > 0 && session.Ended is { IsCompletedSuccessfully: true, Result.Outcome: WorkerOutcome.CoordinatorLost } && !leave.IsCancellationRequested)
                _left = system;
            else
                await EndAsync(system, inOrder: leave.IsCancellationRequested);
        }
    }

    private async Task EndLeftSystemAsync()
    {
        if (_left is { } left)
            await EndAsync(left, inOrder: false);
        _left = null;
    }

    private async Task EndAsync(ActorSystem system, bool inOrder)
    {
        // A worker that leaves a run that goes on says so to the cluster; at the end of a run there is nobody to tell.
        if (inOrder && await Task.WhenAny(Akka.Cluster.Cluster.Get(system).LeaveAsync(), Task.Delay(TerminationPatience, _time)) is { IsFaulted: true } failed)
            _log.Warning("Leaving the cluster failed: {Reason}", failed.Exception!.GetBaseException().Message);
        Task terminated = system.Terminate();
        if (await Task.WhenAny(terminated, Task.Delay(TerminationPatience, _time)) != terminated)
            _log.Warning("The actor system has not ended within {Patience}", TerminationPatience);
    }

    private static CoordinatorTerm TermOf(CoordinatorWelcome welcome) => new(welcome.Term, welcome.CoordinatorId);
}
