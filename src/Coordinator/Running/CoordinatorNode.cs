using Akka.Actor;
using Lockstep.Coordinator.Actors;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.DataPlane;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Running.TensorBoard;
using Lockstep.Coordinator.Terms;
using Lockstep.Engine.Serialization;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;
using Lockstep.Protocol;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Serialization;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Joining;
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
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    private CoordinatorNode(CoordinatorOptions options, TrainingPlan plan, RunDirectory directory, Checkpoint? checkpoint, IRunObserver observer, ILogger log, TimeProvider time)
    {
        (_time, _log) = (time, log);
        byte[] job = JobText.Bytes(options.Job);
        byte[] statistics = FittedStatistics.ToBytes(plan.Transforms);
        var terms = new TermAuthority(directory);
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
        _system = ControlPlane.Start(options.ListenHost, controlPort, ControlPlaneSettings.CoordinatorRole, SecurityOf(options));
        Address address = ((ExtendedActorSystem)_system).Provider.DefaultAddress;
        Akka.Cluster.Cluster.Get(_system).Join(address);
        var run = new RunContext(
            options, plan, directory, terms, server, checkpoints, metrics, job, JobText.Hash(options.Job), statistics, start.Step, new Watchers(events, observer), log, time, _ended);
        leader = _leader = _system.ActorOf(Props.Create(() => new CoordinatorActor(run)), ControlPlaneSettings.CoordinatorActor);

        var doorkeeper = new Doorkeeper(
            directory.Run, terms, server, (options.ListenHost, address.Port!.Value), leader.Tell, heard => leader.Tell(heard), log);
        var listener = new DataListener(
            options.DataSocket is { } path
                ? Transport.Connections.DataEndpoint.Unix(path)
                : Transport.Connections.DataEndpoint.Tcp(options.ListenHost, options.ListenPort),
            new JoinOptions
            {
                Token = options.Token,
                ProtocolVersion = ProtocolVersion.Current,
                BuildFingerprint = options.BuildFingerprint,
                Identity = options.Identity,
                Connection = new ConnectionOptions
                {
                    MaximumPayload = DataPlaneLimits.PayloadBytes,
                    CreditWindow = DataPlaneLimits.CreditFrames,
                    QueueCapacity = DataPlaneLimits.QueuedFrames,
                    Time = time,
                },
            },
            doorkeeper);
        DataEndpoint = listener.Endpoint.ToString();
        // Given up from the last to the first: nobody new, then no connection that reads or writes the server's memory, then the snapshots, then that memory.
        foreach (IDisposable owned in (IEnumerable<IDisposable>)[directory, metrics, events, server, checkpoints, doorkeeper, listener])
            _owned.Push(owned);
    }

    /// <summary>Where workers join, HOST:PORT.</summary>
    public string DataEndpoint { get; }

    /// <summary>The run's identity.</summary>
    public string RunId { get; }

    /// <summary>The run's folder.</summary>
    public string RunDirectory { get; }

    /// <summary>Comes when the run has ended; watchers have been told by then.</summary>
    public Task<RunEnded> Completion => _ended.Task;

    /// <summary>Reads the data and starts to listen.</summary>
    /// <exception cref="RunDirectoryException">The run directory is in use, or cannot be written.</exception>
    /// <exception cref="CheckpointException">There is no sound checkpoint to resume from, or it is of another job, data or engine.</exception>
    /// <exception cref="ListenException">The port is in use.</exception>
    public static Task<CoordinatorNode> StartAsync(CoordinatorOptions options, IRunObserver observer, ILogger log, TimeProvider time) =>
        Task.Factory.StartNew(() => Start(options, observer, log, time), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

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
        void Warn(string text)
        {
            log.Warning("{Warning}", text);
            observer.Observe(new RunWarning(text));
        }

        Checkpoint? checkpoint = options.ResumeFrom is { } resumed ? Checkpoint.Open(resumed, Warn) : null;
        TrainingPlan plan = TrainingPlan.Create(options.Job, options.Source, checkpoint?.Statistics ?? []);
        if (checkpoint is not null)
            Starting.RequireSame(checkpoint, options.Job, plan);
        CheckpointWriter.RequireRoom(options.ResumeFrom ?? options.OutputDirectory, plan.Network.Layout, plan.Rule.StateNames.Count, AtomicFile.FreeSpace);
        RunDirectory directory = options.ResumeFrom is null
            ? Running.RunDirectory.Create(options.OutputDirectory, options.Job.Name, JobText.Bytes(options.Job), time)
            : Running.RunDirectory.Open(options.ResumeFrom);
        try
        {
            return new CoordinatorNode(options, plan, directory, checkpoint, observer, log, time);
        }
        catch
        {
            directory.Dispose();
            if (options.ResumeFrom is null)
                Remove(directory.Path, log);
            throw;
        }
    }

    private static ControlPlaneSecurity? SecurityOf(CoordinatorOptions options) =>
        options.Identity is { } identity ? new(identity.Certificate, identity.Trusts) : null;

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
