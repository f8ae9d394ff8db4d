using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Reduction;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Trees;
using Lockstep.Simulation.Costs;
using Lockstep.Simulation.Timing;

namespace Lockstep.Simulation.Steps;

/// <summary>
/// One machine of the parameter server with its part of the blocks. One thread takes contributions in the order in which they arrive and adds siblings as soon as
/// both are there, in the real sum tree; the update is made when all is there, and then the version goes out to every worker.
/// </summary>
internal sealed class SimulatedServer
{
    private readonly ParameterBlock[] _blocks;
    private readonly Dictionary<int, PartialTree<int>> _trees;
    private readonly AddCounter _adds = new();
    private readonly StepCosts _costs;
    private readonly SerialThread _thread;
    private readonly UpdateRound _round;
    private readonly bool _inPlace;
    private readonly double _judging;
    private readonly double _part;
    private readonly int _updateThreads;
    private int _open;

    /// <param name="index">Its number; 0 has the sums too, and decides.</param>
    /// <param name="shape">The job.</param>
    /// <param name="cluster">The cluster.</param>
    /// <param name="costs">What things cost.</param>
    /// <param name="nodes">Nodes that the tree is cut into.</param>
    /// <param name="thread">The parameter server's thread.</param>
    /// <param name="round">What it does with the other machines.</param>
    public SimulatedServer(int index, StepShape shape, Clusters.ClusterSpec cluster, StepCosts costs, int nodes, SerialThread thread, UpdateRound round)
    {
        Index = index;
        _blocks = [.. shape.Layout.Blocks.Where(block => block.Index % cluster.Servers == index)];
        IEnumerable<int> channels = _blocks.Select(block => block.Index);
        SumsChannel = shape.Layout.Blocks.Count;
        if (index == 0)
            channels = channels.Append(SumsChannel);
        _trees = channels.ToDictionary(channel => channel, _ => new PartialTree<int>(shape.Shards, _adds));
        (_costs, _thread, _round) = (costs, thread, round);
        _inPlace = cluster.OneMachine;
        _judging = costs.Contribution.At(nodes);
        _part = _blocks.Sum(block => (double)block.Length) / shape.Layout.Length;
        _updateThreads = UpdateThreads.For(_blocks.Length, cluster.CoordinatorCores ?? cluster.Cores);
        _open = _trees.Count;
    }

    /// <summary>Its number.</summary>
    public int Index { get; }

    /// <summary>The channel of the minibatch's sums.</summary>
    public int SumsChannel { get; }

    /// <summary>Its connections, one a worker.</summary>
    public List<ServerConnection> Workers { get; } = [];

    /// <summary>Told of every contribution that enters a sum.</summary>
    public Action<int, TreeNode, int>? Taken { get; set; }

    /// <summary>A frame has landed with a node's contributions to some channels, or with where they lie.</summary>
    public void Take(in Moment now, IReadOnlyList<(int Channel, int Bytes)> parts, TreeNode node, ServerConnection from)
    {
        int completed = 0;
        _thread.Post(now, () => parts.Sum(part => Add(part.Channel, node, part.Bytes, ref completed)), added =>
        {
            from.ToServer.ReturnCredit(added);
            if (completed == 0)
                return;
            if (parts[0].Channel == SumsChannel)
                _round.KnowsDivisor(added);
            _open -= completed;
            if (_open == 0)
                _round.IsFull(Index, added);
        });
    }

    /// <summary>Mean and norm of its blocks.</summary>
    public void Prepare(in Moment now, Action<Moment> done) =>
        _thread.Post(now, _costs.Prepare.With(_updateThreads) * _part, done, _updateThreads, Activity.Update);

    /// <summary>The optimizer on its blocks; then the step is closed, and its part of the version goes out.</summary>
    public void Apply(in Moment now) => _thread.Post(now, _costs.Apply.With(_updateThreads) * _part, Publish, _updateThreads, Activity.Update);

    private double Add(int channel, TreeNode node, int bytes, ref int completed)
    {
        int before = _adds.Count;
        PartialTree<int> tree = _trees[channel];
        if (tree.Offer(node, node.Count) != OfferResult.Accepted)
            throw new InvalidOperationException($"{node} of channel {channel} came twice.");
        Taken?.Invoke(channel, node, bytes);
        if (tree.IsComplete)
            completed++;
        return _judging + ((_adds.Count - before) * bytes * _costs.AddPerByte);
    }

    private void Publish(Moment now)
    {
        foreach (PartialTree<int> tree in _trees.Values)
            tree.Clear();
        _open = _trees.Count;
        foreach (ServerConnection worker in Workers)
        {
            if (_inPlace)
            {
                worker.SendVersion(now, 0);
                continue;
            }
            foreach (ParameterBlock block in _blocks)
                worker.SendVersion(now, block.Length * sizeof(float));
        }
    }

    /// <summary>Counts additions. What is added are the leaves of nodes.</summary>
    private sealed class AddCounter : ISumArithmetic<int>
    {
        public int Count { get; private set; }

        public int Add(int left, int right, bool isTotal)
        {
            Count++;
            return left + right;
        }

        public void Release(int sum)
        {
            // Nothing is held.
        }
    }
}
