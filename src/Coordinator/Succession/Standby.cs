using Akka.Actor;
using Akka.Configuration;
using Lockstep.Coordinator.Running;
using Lockstep.Jobs;
using Lockstep.Protocol;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Messages;
using Lockstep.Protocol.Serialization;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Joining;
using MessagePack;
using Serilog;

namespace Lockstep.Coordinator.Succession;

/// <summary>
/// A standby in this process: holds the checkpoints of a run that is led elsewhere, and leads it when its turn comes. Every coordinator has a cluster of its own: who takes over leaves
/// the old one and begins another, at a higher term.
/// </summary>
public sealed class Standby : IAsyncDisposable
{
    private static readonly TimeSpan AskInterval = TimeSpan.FromMilliseconds(500);

    // Where the resolver gives everybody up it says so of this node last.
    private static readonly TimeSpan GiveUpPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan TerminationPatience = TimeSpan.FromSeconds(5);

    private readonly StandbyOptions _options;
    private readonly IRunObserver _observer;
    private readonly ILogger _log;
    private readonly TimeProvider _time;
    private readonly JoinOptions _join;
    private readonly SwitchingDoorkeeper _door;
    private readonly DataListener _listener;
    private readonly CancellationTokenSource _leave = new();
    private readonly Lock _lock = new();
    private StandbyPlan? _plan;
    private RunDirectory? _directory;
    private ReplicaReceiver? _receiver;
    private CoordinatorNode? _node;
    private CoordinatorTerm _known;
    private RunId _run;
    private long _held = -1;

    private Standby(StandbyOptions options, IRunObserver observer, ILogger log, TimeProvider time)
    {
        (_options, _observer, _log, _time) = (options, observer, log, time);
        _join = CoordinatorNode.JoinOptionsOf(options.Token, options.Identity, options.BuildFingerprint, time);
        _door = new SwitchingDoorkeeper(log);
        _listener = new DataListener(
            options.DataSocket is { } path ? Transport.Connections.DataEndpoint.Unix(path) : Transport.Connections.DataEndpoint.Tcp(options.ListenHost, options.ListenPort), _join, _door);
        Completion = RunAsync();
    }

    /// <summary>Where it will be joined once it leads.</summary>
    public string DataEndpoint => _listener.Endpoint.ToString();

    /// <summary>Comes when its watch has ended, or the run that it led.</summary>
    public Task<StandbyEnd> Completion { get; }

    /// <summary>Opens its port and begins to look for the coordinator.</summary>
    /// <exception cref="ListenException">The port is in use.</exception>
    public static Standby Start(StandbyOptions options, IRunObserver observer, ILogger log, TimeProvider time) => new(options, observer, log, time);

    /// <summary>Asks it to leave, or where it leads to stop the run as any coordinator does. Watch <see cref="Completion"/>.</summary>
    /// <param name="reason">For the log.</param>
    public void RequestStop(string reason)
    {
        CoordinatorNode? node;
        lock (_lock)
        {
            node = _node;
            if (node is null)
                _leave.Cancel();
        }
        node?.RequestStop(reason);
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is { } node)
            await node.DisposeAsync();
        _listener.Dispose();
        _directory?.Dispose();
        _leave.Dispose();
    }

    private async Task<StandbyEnd> RunAsync()
    {
        await Task.Yield();
        (StandbySession? session, StandbyEnd? notJoined) = await JoinAsync(_options.Join, _options.JoinTimeout);
        while (session is not null)
        {
            ActorSystem system = StartSystem(session);
            try
            {
                StandbySession present = session;
                StandbyEnd end = await present.Ended.WaitAsync(_leave.Token);
                Abandon(present);
                if (end.Outcome != StandbyOutcome.CoordinatorLost)
                    return Told(end);
                Say($"the coordinator at {present.Leader} is lost: {end.Explanation}");
                // The node stays in the old cluster meanwhile: there it hears who is given up.
                (SuccessionStep step, session, notJoined) = await SucceedAsync(present, end);
                if (step == SuccessionStep.Lead)
                {
                    await TerminateAsync(system);
                    return await LeadAsync();
                }
            }
            catch (OperationCanceledException) when (_leave.IsCancellationRequested)
            {
                if (session is not null)
                {
                    session.Leave("it left as asked");
                    Abandon(session);
                }
                return Told(new StandbyEnd(StandbyOutcome.Left, "left as asked"));
            }
            finally
            {
                await TerminateAsync(system);
            }
        }
        return Told(notJoined!);
    }

    private StandbyEnd Told(StandbyEnd end)
    {
        string held = _held < 0 || _directory is null ? "" : $"; the checkpoint after step {_held} is in {_directory.Path}";
        return end with { Explanation = end.Explanation + held };
    }

    private ActorSystem StartSystem(StandbySession session)
    {
        CoordinatorWelcome welcome = session.Welcome;
        ControlPlaneSecurity? security = CoordinatorNode.SecurityOf(_options.Identity);
        var coordinator = new Address(ControlPlane.Scheme(security is not null), ControlPlaneSettings.SystemName, welcome.ControlHost, welcome.ControlPort);
        ActorSystem system = ControlPlane.Start(session.LocalHost, 0, security, ControlPlaneSettings.StandbyRole, ControlPlaneSettings.RoleOfStandby(welcome.Incarnation));
        Akka.Cluster.Cluster.Get(system).Join(coordinator);
        ActorSelection leader = system.ActorSelection($"{coordinator}/user/{ControlPlaneSettings.CoordinatorActor}");
        StandbyPlan? known = _plan;
        system.ActorOf(
            Props.Create(() => new StandbyActor(session, leader, _options.DataRoot, known, plan => Ready(session, plan), _log)), "standby");
        return system;
    }

    // On the actor's thread, before the coordinator is told.
    private void Ready(StandbySession session, StandbyPlan plan)
    {
        Job job = plan.Plan.Job;
        _directory ??= RunDirectory.Create(_options.OutputDirectory, job.Name, JobText.Bytes(job), _time, _run, _known.Term);
        if (_directory.RecordedTerm < _known.Term)
            _directory.Record(_known.Term);
        _plan = plan;
        long term = session.Welcome.Term;
        lock (_lock)
        {
            // A coordinator that was lost while the data was loaded sends nothing any more.
            if (session.Ended.IsCompleted)
                return;
            _receiver = new ReplicaReceiver(
                _directory.Path, _run, plan.JobSha256, job.Checkpoint.Keep,
                held: step => Held(session, term, step),
                failed: e => session.End(StandbyOutcome.Failed, $"checkpoints cannot be held: {e.Message}"));
            _receiver.Start();
            session.Connection.Receive(_receiver);
        }
        _observer.Observe(new StandingBy(job.Name, session.Leader.ToString(), term, _directory.Path));
    }

    private void Held(StandbySession session, long term, long step)
    {
        if (_held < 0)
            Say($"holds the checkpoint after step {step}");
        _held = step;
        session.Connection.SendHeld(_run, term, step);
        _log.Information("Holds the checkpoint of step {Step}", step);
    }

    // The connection first: afterwards nothing lands in the receiver's memory any more.
    private void Abandon(StandbySession session)
    {
        session.CloseConnection();
        ReplicaReceiver? receiver;
        lock (_lock)
            (receiver, _receiver) = (_receiver, null);
        receiver?.Dispose();
    }

    /// <summary>Looks for who leads now, until somebody does, or it is this standby's turn, or the time is up.</summary>
    private async Task<(SuccessionStep Step, StandbySession? Session, StandbyEnd? End)> SucceedAsync(StandbySession lost, StandbyEnd end)
    {
        long start = _time.GetTimestamp();
        NodeHello hello = Hello(GreetingRole.Inquirer);
        while (true)
        {
            StandbyAddress[] others = [.. lost.Succession.Where(other => other.Number != lost.Welcome.Incarnation)];
            string[] endpoints = [.. others.Select(other => other.Endpoint).Prepend(lost.Leader.ToString()).Concat(_options.Join.Select(join => join.ToString())).Distinct()];
            // Whoever is given up meanwhile need not answer any more.
            Task givenUp = lost.NextGivenUp;
            Task<PeerAnswer>[] answers = [.. endpoints.Select(endpoint => PeerInquiry.AskAsync(endpoint, _join, hello))];
            if (await Task.WhenAny(Task.WhenAll(answers), givenUp) == givenUp)
                await Task.Delay(GiveUpPause, _time, _leave.Token);
            Dictionary<string, PeerAnswer> by = endpoints.Zip(answers).ToDictionary(pair => pair.First, pair => pair.Second.IsCompletedSuccessfully ? pair.Second.Result : PeerAnswer.Unknown);
            string? leader = endpoints.FirstOrDefault(endpoint => by[endpoint].Welcome is { } welcome && MayFollow(welcome));
            IEnumerable<Predecessor> predecessors = others
                .Where(other => other.Number < lost.Welcome.Incarnation)
                .Select(other => new Predecessor(by[other.Endpoint].State, lost.HasGivenUp(other.Number)))
                .Prepend(new Predecessor(by[lost.Leader.ToString()].State, lost.HasGivenUpLeader));
            switch (SuccessionRule.Decide(leader is not null, _plan is not null, predecessors))
            {
                case SuccessionStep.Lead:
                    return (SuccessionStep.Lead, null, null);
                case SuccessionStep.Follow when await JoinAsync([Transport.Connections.DataEndpoint.Parse(leader!)], TimeSpan.Zero) is { Session: { } followed }:
                    return (SuccessionStep.Follow, followed, null);
            }
            _leave.Token.ThrowIfCancellationRequested();
            if (_time.GetElapsedTime(start) >= _options.JoinTimeout)
            {
                string resume = _directory is null ? "" : $" Where you know that it is gone: lockstep coordinator --resume {_directory.Path}";
                return (SuccessionStep.Wait, null, new StandbyEnd(
                    StandbyOutcome.CoordinatorLost,
                    $"nobody leads within {_options.JoinTimeout.TotalSeconds:0} s, and whether the coordinator is gone or only out of reach cannot be told from here ({end.Explanation}).{resume}"));
            }
            await Task.Delay(AskInterval, _time, _leave.Token);
        }
    }

    private async Task<StandbyEnd> LeadAsync()
    {
        StandbyPlan plan = _plan!;
        var options = new CoordinatorOptions
        {
            Job = plan.Plan.Job,
            Source = JobSource.OfFolder(_options.DataRoot ?? plan.DataFolder),
            OutputDirectory = _options.OutputDirectory,
            ResumeFrom = _directory!.Path,
            ListenHost = _options.ListenHost,
            ListenPort = _options.ListenPort,
            DataSocket = _options.DataSocket,
            WorkersMinimum = _options.WorkersMinimum,
            Token = _options.Token,
            Identity = _options.Identity,
            BuildFingerprint = _options.BuildFingerprint,
        };
        CoordinatorNode node = await CoordinatorNode.TakeOverAsync(options, new Takeover(_directory, plan.Plan, _listener, _door), _observer, _log, _time);
        lock (_lock)
            _node = node;
        Say($"this standby has taken over at term {node.Term}, from {(_held < 0 ? "the beginning: there was no checkpoint yet" : $"the checkpoint after step {_held}")}; workers join at {node.DataEndpoint}");
        if (_leave.IsCancellationRequested)
            node.RequestStop("asked to leave");
        RunEnded ended = await node.Completion;
        return new StandbyEnd(StandbyOutcome.Led, ended.Explanation ?? "the run has ended", ended);
    }

    private async Task<(StandbySession? Session, StandbyEnd? End)> JoinAsync(IReadOnlyList<DataEndpoint> endpoints, TimeSpan patience)
    {
        long start = _time.GetTimestamp();
        byte[] hello = MessagePackSerializer.Serialize(Hello(GreetingRole.Standby));
        bool said = false;
        for (int attempt = 0; ; attempt++)
        {
            DataEndpoint endpoint = endpoints[attempt % endpoints.Count];
            var session = new StandbySession();
            try
            {
                DataConnection socket = await Task.Factory.StartNew(
                    () => DataConnector.Connect(endpoint, _join, hello, session.Connection, _leave.Token), _leave.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                CoordinatorWelcome welcome = MessagePackSerializer.Deserialize<CoordinatorWelcome>(
                    socket.Welcome, MessagePackSerializerOptions.Standard.WithSecurity(MessagePackSecurity.UntrustedData));
                session.Joined(endpoint, socket, welcome);
                if (!MayFollow(welcome))
                {
                    session.CloseConnection();
                    return (null, new StandbyEnd(StandbyOutcome.Refused, $"the coordinator at {endpoint} leads run {new RunId(welcome.Run)} at term {welcome.Term}, this standby stands by for run {_run}, term {_known.Term}"));
                }
                (_run, _known) = (new RunId(welcome.Run), new CoordinatorTerm(welcome.Term, welcome.CoordinatorId));
                return (session, null);
            }
            catch (OperationCanceledException) when (_leave.IsCancellationRequested)
            {
                return (null, new StandbyEnd(StandbyOutcome.Left, "asked to leave before it had joined"));
            }
            catch (MessagePackSerializationException e)
            {
                return (null, new StandbyEnd(StandbyOutcome.Refused, $"the coordinator's welcome cannot be read ({e.GetBaseException().Message}): install the same build on all machines"));
            }
            catch (JoinException e) when (e.IsTransient && _time.GetElapsedTime(start) < patience)
            {
                if (!said)
                    _log.Information("Waiting for the coordinator at {Endpoint}: {Reason}", endpoint.ToString(), e.Message);
                said = true;
            }
            catch (JoinException e)
            {
                return (null, new StandbyEnd(e.IsTransient ? StandbyOutcome.CoordinatorLost : StandbyOutcome.Refused, e.Message));
            }
            if ((attempt + 1) % endpoints.Count == 0)
                await Task.Delay(AskInterval, _time, CancellationToken.None);
        }
    }

    private bool MayFollow(CoordinatorWelcome welcome) =>
        _known.Term == 0 || (welcome.Run == _run.Value && _known.MayGiveWayTo(new CoordinatorTerm(welcome.Term, welcome.CoordinatorId)));

    private NodeHello Hello(GreetingRole role) => new(
        Environment.MachineName, Environment.ProcessId, ProtocolVersion.NumericContract, _known.Term, _run.Value, role, role == GreetingRole.Standby ? DataEndpoint : null);

    private void Say(string text)
    {
        _log.Information("{Notice:l}", text);
        _observer.Observe(new RunNotice(text));
    }

    private async Task TerminateAsync(ActorSystem system)
    {
        Task terminated = system.Terminate();
        if (await Task.WhenAny(terminated, Task.Delay(TerminationPatience, _time)) != terminated)
            _log.Warning("The actor system has not ended within {Patience}", TerminationPatience);
    }
}
