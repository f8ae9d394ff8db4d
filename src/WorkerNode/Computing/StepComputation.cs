using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;
using Lockstep.Jobs.Planning;
using Lockstep.WorkerNode.Scheduling;

namespace Lockstep.WorkerNode.Computing;

/// <summary>
/// Computes assignments: the nodes' gradients and sums, which are sent as soon as they are final, and where the step
/// begins with an evaluation also the nodes of every minibatch of the validation part.
/// </summary>
public sealed unsafe class StepComputation : IDisposable
{
    private readonly TrainingPlan _plan;
    private readonly ParameterLayout _layout;
    private readonly ParameterBlock[] _blocks;
    private readonly Replica _replica;
    private readonly LoadingThread _loading;
    private readonly IContributionSink _sink;
    private readonly List<GradientMemory> _gradients = [];
    private readonly List<GradientMemory> _laterGradients = [];
    private List<GradientMemory> _used;
    private WrittenRows[] _written = [];
    private readonly NodeSink _nodeSink;
    private readonly InjectedFault? _injected;

    /// <param name="plan">What is trained.</param>
    /// <param name="crew">Threads to compute with; they stay the caller's.</param>
    /// <param name="sink">Takes the results.</param>
    /// <param name="injected">A fault that it is to make; null for none.</param>
    public StepComputation(TrainingPlan plan, ComputeCrew crew, IContributionSink sink, InjectedFault? injected = null)
    {
        _plan = plan;
        _injected = injected;
        _layout = plan.Network.Layout;
        _blocks = [.. _layout.Blocks];
        _sink = sink;
        _replica = plan.CreateReplica(crew);
        _loading = new LoadingThread(plan);
        _nodeSink = new NodeSink(this);
        _used = _gradients;
    }

    /// <summary>Computes one assignment and hands the results to the sink.</summary>
    /// <exception cref="OperationCanceledException">It was superseded, or the sink's connection has ended.</exception>
    public void Compute(Assignment assignment)
    {
        long step = assignment.Version.Version;
        IReadOnlyList<TreeNode> nodes = assignment.Nodes;
        _sink.AwaitMemory(step);
        _nodeSink.Begin(step, nodes, _plan.Sums.Length, 1 + _plan.EvaluationMinibatches);
        _replica.UseParameters((float*)assignment.Version.Parameters, step, assignment.Version.Arrival);
        // What was computed of this step before may be read where it lies until the step is decided.
        _used = assignment.IsFirstOfStep ? _gradients : _laterGradients;
        if (_plan.TrainsAt(step))
        {
            if (_injected?.HappensAt(step, nodes) == true)
                Inject(_injected, step, nodes);
            Train(step, assignment);
        }
        if (_plan.EvaluatesAt(step))
            Evaluate(nodes, assignment.Superseded);
    }

    public void Dispose()
    {
        _loading.Dispose();
        _replica.Dispose();
        _nodeSink.Dispose();
        foreach (GradientMemory gradient in _gradients.Concat(_laterGradients))
            gradient.Dispose();
    }

    private void Inject(InjectedFault fault, long step, IReadOnlyList<TreeNode> nodes)
    {
        (int leaf, int node) = fault.Place(nodes);
        if (fault.Kind == InjectedFaultKind.MakesNaN)
        {
            ParameterView victim = InjectedFault.Victim(_layout, fault.Layer);
            fault.Tell($"step {step}, leaf {leaf}: the gradient of {victim.Name} becomes NaN");
            _nodeSink.Spoil(node, victim.Offset);
            return;
        }
        _replica.LayerBegins = layer =>
        {
            if (layer != Math.Min(fault.Layer, _plan.Network.Layers.Count - 1))
                return;
            _replica.LayerBegins = null;
            string what = $"step {step}, leaf {leaf}: layer {_plan.Network.Layers[layer].Name} throws";
            fault.Tell(what);
            throw new InjectedFaultException(what);
        };
    }

    private void Train(long step, Assignment assignment)
    {
        IReadOnlyList<TreeNode> nodes = assignment.Nodes;
        while (_used.Count < nodes.Count)
            _used.Add(_used == _gradients ? _sink.CreateGradient(_layout.Length) : new GradientMemory(_layout.Length));
        Span<nint> gradients = stackalloc nint[nodes.Count];
        if (_written.Length < nodes.Count)
            _written = new WrittenRows[nodes.Count];
        for (int i = 0; i < nodes.Count; i++)
            (gradients[i], _written[i]) = ((nint)_used[i].Pointer, _used[i].Written);

        Minibatch minibatch = _plan.MinibatchAt(step);
        _nodeSink.Channel = _layout.Blocks.Count;
        _replica.Diagnoses = _plan.DiagnosesAt(step);
        Batch batch = _loading.Take(minibatch, nodes);
        // What is computed of a step after the first time, another worker's nodes, is no guess at those of the next.
        if (assignment.IsFirstOfStep && _plan.TrainsAt(step + 1))
            _loading.Begin(step + 1, nodes);
        _replica.Train(_nodeSink.Nodes, _plan.Shards, minibatch.Count, batch, gradients, _nodeSink, assignment.Superseded, written: _written.AsSpan(0, nodes.Count));
    }

    private void Evaluate(IReadOnlyList<TreeNode> nodes, CancellationToken superseded)
    {
        for (int i = 0; i < _plan.EvaluationMinibatches; i++)
        {
            Minibatch minibatch = _plan.EvaluationMinibatch(i);
            _nodeSink.Channel = _layout.Blocks.Count + 1 + i;
            _replica.Evaluate(_nodeSink.Nodes, _plan.Shards, minibatch.Count, _loading.Load(minibatch, nodes), _nodeSink, superseded);
        }
    }

    /// <summary>Sends what the replica announces. Sums are copied to memory of their own, which stays until it is sent.</summary>
    private sealed class NodeSink(StepComputation owner) : IStepSink, IDisposable
    {
        private FloatBuffer _sums = new(0);
        private TreeNode[] _nodes = [];
        private (int Node, long Offset)? _spoiled;
        private long _step;
        private int _slots;
        private int _used;

        /// <summary>The channel of the sums that come next.</summary>
        public int Channel { get; set; }

        public ReadOnlySpan<TreeNode> Nodes => _nodes;

        public void Begin(long step, IReadOnlyList<TreeNode> nodes, int slots, int sumChannels)
        {
            (_step, _slots, _used) = (step, slots, 0);
            if (!_nodes.SequenceEqual(nodes))
                _nodes = [.. nodes];
            long needed = (long)sumChannels * nodes.Count * slots * (sizeof(double) / sizeof(float));
            if (_sums.Length >= needed)
                return;
            _sums.Dispose();
            _sums = new FloatBuffer(needed);
        }

        public void SumsReady(int node, ReadOnlySpan<double> sums)
        {
            double* place = (double*)_sums.Pointer + ((long)_used++ * _slots);
            sums.CopyTo(new Span<double>(place, _slots));
            owner._sink.Send(_step, Channel, _nodes[node], place, _slots * sizeof(double));
        }

        /// <summary>A number of the gradient that comes next is NaN when it is sent.</summary>
        /// <param name="node">The number of its node.</param>
        /// <param name="offset">Where it lies.</param>
        public void Spoil(int node, long offset) => _spoiled = (node, offset);

        public void BucketReady(int bucket)
        {
            GradientBucket ready = owner._layout.Buckets[bucket];
            if (_spoiled is { } spoiled)
                SpoilIn(ready, spoiled);
            ReadOnlySpan<ParameterBlock> blocks = owner._blocks.AsSpan(ready.FirstBlock, ready.BlockCount);
            for (int node = 0; node < _nodes.Length; node++)
                owner._sink.Send(_step, blocks, _nodes[node], owner._used[node], moreFollow: node < _nodes.Length - 1);
        }

        public void Dispose() => _sums.Dispose();

        private void SpoilIn(GradientBucket ready, (int Node, long Offset) spoiled)
        {
            ParameterBlock first = owner._layout.Blocks[ready.FirstBlock], last = owner._layout.Blocks[ready.FirstBlock + ready.BlockCount - 1];
            if (spoiled.Offset < first.Offset || spoiled.Offset >= last.Offset + last.Length)
                return;
            owner._used[spoiled.Node].Pointer[spoiled.Offset] = float.NaN;
            owner._used[spoiled.Node].Written.Forget();
            _spoiled = null;
        }
    }
}
