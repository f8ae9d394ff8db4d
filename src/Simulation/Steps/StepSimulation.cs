using Lockstep.Coordinator.Views;
using Lockstep.Engine.Trees;
using Lockstep.Protocol.DataPlane;
using Lockstep.Simulation.Clusters;
using Lockstep.Simulation.Costs;
using Lockstep.Simulation.Timing;

namespace Lockstep.Simulation.Steps;

/// <summary>
/// A discrete-event simulation of training steps of a cluster. Who computes what, what travels in which order, what is added when, and how much may be under way follow
/// from the same plans that the cluster works by: <see cref="ShardPlan"/>, the layout's buckets and blocks, the sum tree, credit. Only how long things take is imagined.
/// </summary>
public sealed class StepSimulation
{
    /// <summary>Steps that are simulated; the last one counts. In the first all workers begin at once, in the later ones as they get the version.</summary>
    private const int Steps = 3;

    private readonly EventQueue _events = new();
    private readonly List<(Moment Decided, long In, long Out)> _decisions = [];
    private readonly StepShape _shape;
    private readonly StepCosts _costs;
    private readonly ClusterSpec _cluster;
    private readonly List<(Link In, Link Out)> _serverLinks = [];
    private readonly SimulatedServer[] _servers;
    private readonly SimulatedWorker[] _workers;

    private StepSimulation(StepShape shape, StepCosts costs, ClusterSpec cluster, Action<int, TreeNode, int>? taken)
    {
        (_shape, _costs, _cluster) = (shape, costs, cluster);
        Processors? shared = cluster.OneMachine ? new Processors(_events, cluster.Cores) : null;
        IReadOnlyList<TreeNode>[] shares = Shares(shape.Shards, cluster.Workers);
        var round = new UpdateRound(_events, cluster.LatencySeconds, Decide);
        var processors = new Processors[cluster.Servers];
        _servers = new SimulatedServer[cluster.Servers];
        for (int i = 0; i < _servers.Length; i++)
        {
            processors[i] = shared ?? new Processors(_events, cluster.CoordinatorCores ?? cluster.Cores);
            SerialThread thread = Thread(processors[i], Activity.Sums, Priority.Network);
            _servers[i] = new SimulatedServer(i, shape, cluster, costs, shares.Sum(share => share.Count), thread, round) { Taken = taken };
            double bandwidth = cluster.CoordinatorBytesPerSecond ?? cluster.BytesPerSecond;
            _serverLinks.Add((new Link(bandwidth, Activity.CoordinatorLinkIn), new Link(bandwidth, Activity.CoordinatorLinkOut)));
        }
        round.Begin(_servers);
        _workers = [.. shares.Select(share => CreateWorker(share, shared, processors))];
    }

    /// <summary>Simulates the steady state.</summary>
    /// <param name="shape">The job.</param>
    /// <param name="costs">What its parts cost.</param>
    /// <param name="cluster">Where it runs.</param>
    /// <exception cref="ArgumentException">There are more workers than leaves, or more servers than blocks, or the cluster cannot be.</exception>
    public static StepPrediction Run(StepShape shape, StepCosts costs, ClusterSpec cluster) => Run(shape, costs, cluster, null);

    /// <summary>Simulates the steady state and tells of every contribution that enters a sum: channel, node, bytes.</summary>
    internal static StepPrediction Run(StepShape shape, StepCosts costs, ClusterSpec cluster, Action<int, TreeNode, int>? taken)
    {
        cluster.Validate();
        if (cluster.Workers > shape.Shards)
            throw new ArgumentException($"{cluster.Workers} workers cannot share {shape.Shards} leaves.", nameof(cluster));
        if (cluster.Servers > shape.Layout.Blocks.Count)
            throw new ArgumentException($"{cluster.Servers} servers cannot share {shape.Layout.Blocks.Count} blocks.", nameof(cluster));
        return new StepSimulation(shape, costs, cluster, taken).Run();
    }

    private StepPrediction Run()
    {
        foreach (SimulatedWorker worker in _workers)
            worker.Begin(new Moment(0));
        while (_decisions.Count < Steps)
        {
            if (!_events.Next())
                throw new InvalidOperationException($"The simulation stands still in step {_decisions.Count}: something waits for what nobody sends.");
        }
        (Moment last, long bytesIn, long bytesOut) = _decisions[^1];
        (Moment before, long inBefore, long outBefore) = _decisions[^2];
        double[] path = [.. Activities.All.Select(last.TimeOf)];
        return new StepPrediction(_cluster, _shape.Samples, last.Seconds - before.Seconds, path, bytesIn - inBefore, bytesOut - outBefore);
    }

    private void Decide(Moment now) => _decisions.Add((now, _serverLinks.Sum(link => link.In.Bytes), _serverLinks.Sum(link => link.Out.Bytes)));

    private SimulatedWorker CreateWorker(IReadOnlyList<TreeNode> nodes, Processors? shared, Processors[] serverProcessors)
    {
        // A machine on which every thread has a processor need not be asked who gets one.
        bool hasEnough = _cluster.Cores >= _cluster.Threads + (2 * _cluster.Servers);
        Processors own = shared ?? new Processors(_events, hasEnough ? double.PositiveInfinity : _cluster.Cores);
        int threads = Math.Min(_cluster.Threads, _cluster.Cores);
        var worker = new SimulatedWorker(_shape, _costs, nodes, _cluster.OneMachine, _cluster.ComputeSpeed, threads, Thread(own, Activity.Compute, Priority.Compute));
        Link sends = new(_cluster.BytesPerSecond, Activity.WorkerLinkOut), receives = new(_cluster.BytesPerSecond, Activity.WorkerLinkIn);
        worker.Connect([.. _servers.Select(server => Connect(worker, own, sends, receives, server, serverProcessors[server.Index]))]);
        return worker;
    }

    private ServerConnection Connect(SimulatedWorker worker, Processors own, Link sends, Link receives, SimulatedServer server, Processors serverProcessors)
    {
        (Link serverReceives, Link serverSends) = _serverLinks[server.Index];
        var toServer = Stream(
            new StreamEnd(Thread(own, Activity.WorkerFrames, Priority.Network), sends), new StreamEnd(Thread(serverProcessors, Activity.CoordinatorFrames, Priority.Network), serverReceives));
        var toWorker = Stream(
            new StreamEnd(Thread(serverProcessors, Activity.CoordinatorFrames, Priority.Network), serverSends), new StreamEnd(Thread(own, Activity.WorkerFrames, Priority.Network), receives));
        var connection = new ServerConnection(worker, server, toServer, toWorker);
        server.Workers.Add(connection);
        return connection;
    }

    private FrameStream Stream(StreamEnd sender, StreamEnd receiver) =>
        new(_events, _costs, _cluster.LatencySeconds, DataPlaneLimits.CreditFrames, sender, receiver);

    private SerialThread Thread(Processors processors, Activity activity, Priority priority) => new(_events, processors, activity, priority, _costs.Wake);

    private static IReadOnlyList<TreeNode>[] Shares(int shards, int workers) =>
        [.. ShardPlan.Balance(shards, Enumerable.Range(1, workers).ToDictionary(worker => (long)worker, _ => 1.0)).OrderBy(share => share.Key).Select(share => share.Value)];
}
