using Akka.Actor;
using Lockstep.Coordinator.Actors;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.DataPlane;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Running.TensorBoard;
using Lockstep.Coordinator.Standbys;
using Lockstep.Coordinator.Succession;
using Lockstep.Coordinator.Terms;
using Lockstep.Engine.Serialization;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;
using Lockstep.Protocol;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Identities;
using Lockstep.Protocol.Serialization;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Joining;
using Lockstep.Transport.Security;
using Lockstep.Transport.SharedMemory;
using Serilog;

namespace Lockstep.Coordinator.Running;

/// <summary>A coordinator in this process: the run directory, the parameter server, both planes, and the actor that leads.</summary>
public sealed class CoordinatorNode : IAsyncDisposable
{
    private static readonly TimeSpan TerminationPatience = TimeSpan.FromSeconds(5);

    private readonly Stack<IDisposable> _owned = new();
    private readonly TaskCompletionSource<RunEnded> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ActorSystem _system;
    private readonly IActorRef _leader;
    private readonly TermAuthority _terms;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    private CoordinatorNode(
        CoordinatorOptions options, TrainingPlan plan, RunDirectory directory, Checkpoint? checkpoint, Takeover? takeover, IRunObserver observer, ILogger log, TimeProvider time)
    {
        (_time, _log) = (time, log);
        byte[] job = JobText.Bytes(options.Job);
        byte[] statistics = FittedStatistics.ToBytes(plan.Transforms);
        TermAuthority terms = _terms = new TermAuthority(directory);
        StartingPoint start = Starting.Point(plan, checkpoint, options.Source);
        RunId = directory.Run.ToString();
        RunDirectory = directory.Path;

        // Events come before the actor does: they wait in its mailbox.
        IActorRef leader = ActorRefs.Nobody;
        SharedFolder? shared = options.DataSocket is not null && options.SharesMemory ? Share(log) : null;
        if (shared is not null)
            _owned.Push(shared);
        var server = new ParameterServer(directory.Run, plan, start, serverEvent => leader.Tell(serverEvent), shared);
        start.Parameters.Dispose();
        var writer = new CheckpointWriter(
            directory.Path,
            plan.Network.Layout,
            new CheckpointIdentity(options.Job.Name, RunId, () => terms.Present.Term, job, JobText.Hash(options.Job), plan.Data.Fingerprint, ProtocolVersion.NumericContract, statistics, plan.StepsPerEpoch)
            {
                Vocabulary = CheckpointIdentity.VocabularyOf(plan.Data.Training),
            },
            options.Job.Checkpoint.Keep);
        var checkpoints = new CheckpointThread(writer, outcome => leader.Tell(outcome));
        MetricsFile metrics = MetricsFile.Open(directory.Path, start.Step);
        EventFile events = EventFile.Create(directory.Path, start.Step, time);

        int controlPort = options.ListenPort == 0 ? 0 : options.ListenPort + 1;
        _system = ControlPlane.Start(options.ListenHost, controlPort, SecurityOf(options.Identity), ControlPlaneSettings.CoordinatorRole);
        Address address = ((ExtendedActorSystem)_system).Provider.DefaultAddress;
        Akka.Cluster.Cluster.Get(_system).Join(address);
        var succession = new SuccessionList();
        JoinOptions join = JoinOptionsOf(options.Token, options.Identity, options.BuildFingerprint, time);
        var run = new RunContext(
            options, plan, directory, terms, server, checkpoints, metrics, job, JobText.Hash(options.Job), statistics, start.Step, new Watchers(events, observer), log, time, _ended)
        {
            Succession = succession,
            GiveUp = Akka.Cluster.Cluster.Get(_system).Down,
            Ask = endpoint => PeerInquiry.AskAsync(endpoint, join, Greeting(directory.Run, terms.Present.Term)),
            NewestCheckpoint = checkpoint?.Path,
        };
        leader = _leader = _system.ActorOf(Props.Create(() => new CoordinatorActor(run)), ControlPlaneSettings.CoordinatorActor);

        var standbys = new StandbyDoor(directory.Run, succession, happened => leader.Tell(happened));
        var doorkeeper = new Doorkeeper(
            directory.Run, terms, server, standbys, (options.ListenHost, address.Port!.Value), leader.Tell, heard => leader.Tell(heard), log);
        takeover?.Door.Lead(doorkeeper);
        DataListener listener = takeover?.Listener ?? new DataListener(EndpointOf(options), join, doorkeeper);
        DataEndpoint = listener.Endpoint.ToString();
        // Given up from the last to the first: nobody new, then no connection that reads or writes the server's memory, then the snapshots, then that memory.
        foreach (IDisposable owned in (IEnumerable<IDisposable>)[directory, metrics, events, server, checkpoints, doorkeeper, standbys, listener])
            _owned.Push(owned);
    }

    /// <summary>Where workers join, HOST:PORT.</summary>
    public string DataEndpoint { get; }

    /// <summary>The run's identity.</summary>
    public string RunId { get; }

    /// <summary>The run's folder.</summary>
    public string RunDirectory { get; }

    /// <summary>The term that it leads at; it may still rise until training begins.</summary>
    public long Term => _terms.Present.Term;

    /// <summary>Comes when the run has ended; watchers have been told by then.</summary>
    public Task<RunEnded> Completion => _ended.Task;

    /// <summary>Reads the data and starts to listen.</summary>
    /// <exception cref="RunDirectoryException">The run directory is in use, or cannot be written.</exception>
    /// <exception cref="CheckpointException">There is no sound checkpoint to resume from, or it is of another job, data or engine.</exception>
    /// <exception cref="ListenException">The port is in use.</exception>
    public static Task<CoordinatorNode> StartAsync(CoordinatorOptions options, IRunObserver observer, ILogger log, TimeProvider time) =>
        Task.Factory.StartNew(() => Start(options, observer, log, time), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>Leads a run in the place of a coordinator that is gone. On success the directory and the listener are the node's.</summary>
    /// <exception cref="CheckpointException">The checkpoint is of another job, data or engine.</exception>
    internal static Task<CoordinatorNode> TakeOverAsync(CoordinatorOptions options, Takeover takeover, IRunObserver observer, ILogger log, TimeProvider time) => Task.Factory.StartNew(
        () =>
        {
            Checkpoint? checkpoint = Checkpoint.Newest(takeover.Directory.Path, text => Warn(text, observer, log));
            if (checkpoint is not null)
                Starting.RequireSame(checkpoint, options.Job, takeover.Plan);
            return new CoordinatorNode(options, takeover.Plan, takeover.Directory, checkpoint, takeover, observer, log, time);
        },
        CancellationToken.None,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);

    /// <summary>What all connections of the data plane have in common.</summary>
    internal static JoinOptions JoinOptionsOf(JoinToken token, PlaneIdentity? identity, string buildFingerprint, TimeProvider time) => new()
    {
        Token = token,
        Identity = identity,
        ProtocolVersion = ProtocolVersion.Current,
        BuildFingerprint = buildFingerprint,
        Connection = new ConnectionOptions
        {
            MaximumPayload = DataPlaneLimits.PayloadBytes,
            CreditWindow = DataPlaneLimits.CreditFrames,
            QueueCapacity = DataPlaneLimits.QueuedFrames,
            Time = time,
        },
    };

    /// <summary>Where a coordinator's data plane listens.</summary>
    internal static DataEndpoint EndpointOf(CoordinatorOptions options) => options.DataSocket is { } path
        ? Transport.Connections.DataEndpoint.Unix(path)
        : Transport.Connections.DataEndpoint.Tcp(options.ListenHost, options.ListenPort);

    /// <summary>Asks the run to stop: the present step is finished, the state saved, the workers let go. Watch <see cref="Completion"/>.</summary>
    /// <param name="reason">For the log.</param>
    public void RequestStop(string reason) => _leader.Tell(new CoordinatorActor.StopRequested(reason));

    public async ValueTask DisposeAsync()
    {
        Task terminated = _system.Terminate();
        if (await Task.WhenAny(terminated, Task.Delay(TerminationPatience, _time)) != terminated)
            _log.Warning("The actor system has not ended within {Patience}", TerminationPatience);
        while (_owned.TryPop(out IDisposable? owned))
            owned.Dispose();
    }

    private static CoordinatorNode Start(CoordinatorOptions options, IRunObserver observer, ILogger log, TimeProvider time)
    {
        Checkpoint? checkpoint = options.ResumeFrom is { } resumed ? Checkpoint.Open(resumed, text => Warn(text, observer, log)) : null;
        TrainingPlan plan = TrainingPlan.Create(options.Job, options.Source, checkpoint?.Statistics ?? []);
        if (checkpoint is not null)
            Starting.RequireSame(checkpoint, options.Job, plan);
        CheckpointWriter.RequireRoom(options.ResumeFrom ?? options.OutputDirectory, plan.Network.Layout, plan.Rule.StateNames.Count, AtomicFile.FreeSpace);
        RunDirectory directory = options.ResumeFrom is null
            ? Running.RunDirectory.Create(options.OutputDirectory, options.Job.Name, JobText.Bytes(options.Job), time)
            : Running.RunDirectory.Open(options.ResumeFrom);
        try
        {
            return new CoordinatorNode(options, plan, directory, checkpoint, null, observer, log, time);
        }
        catch
        {
            directory.Dispose();
            if (options.ResumeFrom is null)
                Remove(directory.Path, log);
            throw;
        }
    }

    /// <summary>How a node's control plane is protected.</summary>
    internal static ControlPlaneSecurity? SecurityOf(PlaneIdentity? identity) =>
        identity is not null ? new(identity.Certificate, identity.Trusts) : null;

    private static void Warn(string text, IRunObserver observer, ILogger log)
    {
        log.Warning("{Warning}", text);
        observer.Observe(new RunWarning(text));
    }

    private static NodeHello Greeting(RunId run, long term) =>
        new(Environment.MachineName, Environment.ProcessId, ProtocolVersion.NumericContract, term, run.Value, GreetingRole.Inquirer);

    // Without it numbers travel over the socket.
    private static SharedFolder? Share(ILogger log)
    {
        try
        {
            return SharedFolder.Root is { } root ? SharedFolder.Create(root) : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            log.Warning("No memory is shared with workers: {Reason}", fault.Message);
            return null;
        }
    }

    // A run that never listened leaves nothing behind.
    private static void Remove(string runDirectory, ILogger log)
    {
        try
        {
            Directory.Delete(runDirectory, recursive: true);
        }
        catch (IOException e)
        {
            log.Warning("{Folder} could not be removed: {Reason}", runDirectory, e.Message);
        }
    }

    private sealed class Watchers(params IRunObserver[] watchers) : IRunObserver
    {
        public void Observe(RunEvent runEvent)
        {
            foreach (IRunObserver watcher in watchers)
                watcher.Observe(runEvent);
        }
    }
}
