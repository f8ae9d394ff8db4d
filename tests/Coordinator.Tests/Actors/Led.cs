using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using Lockstep.Coordinator.Actors;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Coordinator.DataPlane;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Running;
using Lockstep.Coordinator.Terms;
using Lockstep.Coordinator.Tests.Parameters;
using Lockstep.Engine.Trees;
using Lockstep.Jobs;
using Lockstep.Protocol.DataPlane;
using Lockstep.Protocol.Messages;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Joining;
using Serilog.Core;

namespace Lockstep.Coordinator.Tests.Actors;

/// <summary>A coordinator's actor with everything real beside it but the sockets: workers are probes, and the data plane's signs are told.</summary>
public abstract class Led : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly ConditionalWeakTable<TestProbe, StrongBox<int>> Newest = [];

    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-led").FullName;
    private readonly LonePlan _lone;
    private readonly TaskCompletionSource<RunEnded> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Stack<IDisposable> _owned = new();
    private readonly TestProbe _watcher;

    protected Led()
        : this(new LonePlan())
    {
    }

    private protected Led(LonePlan lone)
        : base("akka { loglevel = WARNING, loggers = [], stdout-loglevel = OFF }") => (_lone, _watcher) = (lone, CreateTestProbe("watcher"));

    private protected IActorRef Leader { get; private set; } = ActorRefs.Nobody;

    private protected LonePlan Lone => _lone;

    private protected ParameterServer Server { get; private set; } = null!;

    private protected Task<RunEnded> Ended => _ended.Task;

    private protected void Lead(int minimum)
    {
        Job job = _lone.Plan.Job;
        byte[] text = JobText.Bytes(job);
        RunDirectory directory = RunDirectory.Create(_folder, job.Name, text, TimeProvider.System);
        var terms = new TermAuthority(directory);
        StartingPoint start = _lone.Start();
        Server = new ParameterServer(directory.Run, _lone.Plan, start, happened => Leader.Tell(happened));
        start.Parameters.Dispose();
        var writer = new CheckpointWriter(
            directory.Path,
            _lone.Layout,
            new CheckpointIdentity(job.Name, directory.Run.ToString(), () => terms.Present.Term, text, JobText.Hash(job), _lone.Plan.Data.Fingerprint, 1, [], _lone.Plan.StepsPerEpoch),
            keep: 3);
        var checkpoints = new CheckpointThread(writer, outcome => Leader.Tell(outcome));
        MetricsFile metrics = MetricsFile.Open(directory.Path, 0);
        foreach (IDisposable owned in (IEnumerable<IDisposable>)[directory, metrics, Server, checkpoints])
            _owned.Push(owned);
        var run = new RunContext(
            new CoordinatorOptions
            {
                Job = job,
                Source = JobSource.OfFolder("."),
                OutputDirectory = _folder,
                ListenHost = "127.0.0.1",
                WorkersMinimum = minimum,
                Token = JoinToken.Generate(),
                BuildFingerprint = "test",
            },
            _lone.Plan, directory, terms, Server, checkpoints, metrics, text, JobText.Hash(job), [], 0,
            new Forwarder(_watcher), Logger.None, TimeProvider.System, _ended)
        {
            GiveUp = address => GivenUp.Writer.TryWrite(address),
        };
        Leader = Sys.ActorOf(Props.Create(() => new CoordinatorActor(run)), "coordinator");
    }

    /// <summary>Nodes that were taken out of the cluster.</summary>
    private protected Channel<Address> GivenUp { get; } = Channel.CreateUnbounded<Address>();

    /// <summary>A worker that has passed the handshake, and whose actor has been offered the job.</summary>
    private protected TestProbe Register(long incarnation)
    {
        TestProbe probe = CreateTestProbe($"worker-{incarnation}");
        string host = $"host{incarnation}";
        Leader.Tell(new WorkerGreeted(incarnation, new NodeHello(host, (int)incarnation, 1, 0, 0), new WorkerConnection(incarnation, Server, happened => Leader.Tell(happened))));
        Leader.Tell(new RegisterWorker(incarnation, host, (int)incarnation, 1, 256), probe);
        Assert.Equal(JobText.Hash(_lone.Plan.Job), Next<JobOffered>(probe).JobSha256);
        return probe;
    }

    /// <summary>Two workers that compute, with half of the leaves each.</summary>
    private protected (TestProbe First, TestProbe Second) TwoTraining()
    {
        Lead(minimum: 2);
        TestProbe first = Register(1), second = Register(2);
        Accept(first, 1);
        Accept(second, 2);
        Hold(1);
        Hold(2);
        Next<ViewPublished>(first);
        Next<ViewPublished>(second);
        return (first, second);
    }

    /// <summary>Computes a node of a step as a worker does and posts it.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="link">Names run and term.</param>
    /// <param name="step">The step.</param>
    /// <param name="parameters">The parameters that it begins with.</param>
    /// <param name="node">The node.</param>
    private protected unsafe void Compute(long worker, ServerLink link, long step, float[] parameters, TreeNode node)
    {
        fixed (float* pointer = parameters)
        {
            foreach ((int channel, TreeNode part, byte[] bits) in _lone.Compute(step, pointer, node))
            {
                NodeSum sum = Server.NodeSums.Take(bits.Length);
                bits.CopyTo(new Span<byte>(sum.Floats, bits.Length));
                Server.Post(new Contribution(worker, new ContributionKey(link.Run, link.Term, step, channel, part.Start, part.Count), 1, sum));
            }
        }
    }

    private protected void Accept(TestProbe worker, long incarnation) =>
        Leader.Tell(new JobAccepted(incarnation, JobText.Hash(_lone.Plan.Job)), worker);

    private protected void Hold(long incarnation, long version = 0) => Leader.Tell(new VersionHeld(incarnation, version));

    private protected void Die(long incarnation) =>
        Leader.Tell(new WorkerDisconnected(incarnation, new CloseReason(CloseKind.Reset, $"worker {incarnation}", "ended without a goodbye")));

    /// <summary>The next message of this kind; a view that is told again is not another one.</summary>
    private protected static T Next<T>(TestProbe probe, Predicate<T>? which = null) =>
        probe.FishForMessage<T>(message => (message is not ViewPublished view || IsNewer(view, probe)) && which?.Invoke(message) != false, Patience);

    private static bool IsNewer(ViewPublished view, TestProbe probe)
    {
        StrongBox<int> newest = Newest.GetOrCreateValue(probe);
        if (view.Number <= newest.Value)
            return false;
        newest.Value = view.Number;
        return true;
    }

    /// <summary>The next event of this kind that a watcher is told, for which the condition holds.</summary>
    private protected T Told<T>(Predicate<T>? which = null)
        where T : RunEvent => _watcher.FishForMessage<T>(which ?? (_ => true), Patience);

    private protected static int LeavesOf(ViewPublished view, long incarnation) =>
        view.Shares.Where(share => share.Incarnation == incarnation).Sum(share => share.Nodes.Sum(node => node.Count));

    protected override void AfterAll()
    {
        base.AfterAll();
        while (_owned.TryPop(out IDisposable? owned))
            owned.Dispose();
        _lone.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Forwarder(IActorRef watcher) : IRunObserver
    {
        public void Observe(RunEvent runEvent) => watcher.Tell(runEvent);
    }
}
