using Lockstep.Engine.Layers;
using Lockstep.Engine.Losses;
using Lockstep.Engine.Metrics;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Models;

/// <summary>
/// One worker's engine: a network with its loss, metrics, threads, and all memory for up to so many samples at once.
/// Not for several threads at a time. After the first pass nothing is allocated any more.
/// </summary>
/// <remarks>
/// Nodes of one call are computed together, and no result depends on which: every number of a node's gradient and sums
/// is the same when it is computed alone, and the tree sum of its leaves computed one by one.
/// </remarks>
public sealed unsafe partial class Replica : IDisposable
{
    private readonly Network _network;
    private readonly Loss _loss;
    private readonly StepSums _sums;
    private readonly NodeSums _nodeSums;
    private readonly GradientGaps _gaps;
    private readonly Propagation _propagation;
    private readonly int _maximumSamples;
    private readonly int[] _lastBlocks;
    private IParameterArrival? _arrival;
    private long? _version;

    /// <param name="network">The model.</param>
    /// <param name="loss">What is minimized.</param>
    /// <param name="metrics">What is reported beside the loss.</param>
    /// <param name="maximumSamples">The most samples that one call may have.</param>
    /// <param name="crew">Threads to compute with; they stay the caller's.</param>
    /// <param name="diagnostics">Which layers are asked how they fare where <see cref="Diagnoses"/> says so; null for none.</param>
    /// <exception cref="ShapeException">The loss or a metric cannot take the network's output.</exception>
    public Replica(Network network, LossSpec loss, IReadOnlyList<MetricKind> metrics, int maximumSamples, ComputeCrew crew, DiagnosticSlots? diagnostics = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maximumSamples, 1);
        _network = network;
        _loss = Loss.Create(loss, network.Output);
        _sums = new StepSums(loss, metrics, diagnostics);
        foreach (Metric metric in _sums.Metrics)
        {
            // Classes can stand beside values, as one-hot vectors; values never become classes.
            if (!metric.TakesClasses && _loss.TakesClasses)
                throw new ArgumentException($"The metric {Metric.NameOf(metric.Kind)} compares values, and the loss {loss.Kind} takes class numbers as targets. Take a metric that counts classes.", nameof(metrics));
        }
        if (_sums.Metrics.Any(metric => metric.IsOfFreeRun))
            network.RequireFreeRun();
        _maximumSamples = maximumSamples;
        _nodeSums = new NodeSums(_sums, maximumSamples);
        _gaps = new GradientGaps(network.Layout);
        _propagation = new Propagation(network, _loss, maximumSamples, crew);
        _lastBlocks = [.. Enumerable.Range(0, network.Layers.Count).Select(LastBlockOf)];
    }

    /// <summary>The slots of the sums that a sink is told.</summary>
    public StepSums Sums => _sums;

    /// <summary>Whether layers are asked how they fare in training. Then a node's sums are final after its gradient, and announced so.</summary>
    public bool Diagnoses { get; set; }

    /// <summary>Told each layer's index before its forward pass, where somebody wants to know; what it throws ends the pass. Null, the default, costs nothing.</summary>
    public Action<int>? LayerBegins { get; set; }

    /// <summary>Takes a version of the parameters. They must not change until the next call, but for those that still arrive: weights are packed when a pass first needs them.</summary>
    /// <param name="parameters">Base of the flat buffer.</param>
    /// <param name="version">Which version; the same buffer and version again pack nothing anew.</param>
    /// <param name="arrival">Where the parameters still arrive, each layer's forward pass waits for its own; null where all are there.</param>
    public void UseParameters(float* parameters, long version, IParameterArrival? arrival = null)
    {
        _arrival = arrival;
        if (_version == version && _propagation.Pass.Parameters == parameters)
            return;
        _version = version;
        _propagation.Pass.UseParameters(parameters);
    }

    /// <summary>Forward, loss and backward for nodes of one minibatch.</summary>
    /// <param name="nodes">Which nodes.</param>
    /// <param name="shards">Leaves of the minibatch's tree.</param>
    /// <param name="minibatchSamples">Samples of the whole minibatch.</param>
    /// <param name="batch">The nodes' samples, node after node.</param>
    /// <param name="gradients">For each node the base of a flat buffer, which receives its undivided gradient sum, +0 for frozen parameters and padding.</param>
    /// <param name="sink">Is told each node's sums, then each bucket, the last layers' first; the sums last where <see cref="Diagnoses"/>.</param>
    /// <param name="cancellation">Asked between layers.</param>
    /// <param name="inputGradient">Receives the undivided gradient with respect to the inputs, [N, input shape]; null where it is not wanted.</param>
    /// <param name="stateGradient">Receives the undivided gradient with respect to the states before the first step, [N, <see cref="Network.StateWidth"/>]; null where it is not wanted.</param>
    /// <param name="written">For each node what passes have left in its buffer, which nobody else writes to; empty where others do.</param>
    /// <exception cref="OperationCanceledException">It was cancelled; gradients that were not announced are unfinished.</exception>
    public void Train(
        ReadOnlySpan<TreeNode> nodes, int shards, int minibatchSamples, in Batch batch, ReadOnlySpan<nint> gradients,
        IStepSink sink, CancellationToken cancellation, float* inputGradient = null, float* stateGradient = null, ReadOnlySpan<WrittenRows> written = default)
    {
        if (gradients.Length != nodes.Length)
            throw new ArgumentException($"{nodes.Length} nodes need as many gradient buffers, not {gradients.Length}.", nameof(gradients));
        _propagation.States.WantsGradient = stateGradient is not null;
        AwaitCarried(cancellation);
        Begin(Phase.Training, nodes, shards, minibatchSamples, batch, gradients, written);
        _propagation.Pass.Diagnoses = Diagnoses && _sums.Diagnostics.Length > 0;
        ForwardAndLoss(batch, cancellation);
        if (!_propagation.Pass.Diagnoses)
            AnnounceSums(sink);
        foreach (nint gradient in gradients)
            _gaps.Clear((float*)gradient);
        if (_network.Lanes > 0)
            _propagation.States.Commit(_propagation.Pass);
        BackwardAll(sink, cancellation, inputGradient is not null);
        if (_propagation.Pass.Diagnoses)
        {
            _nodeSums.Diagnose(_propagation);
            AnnounceSums(sink);
        }
        if (inputGradient is not null)
        {
            long bytes = (long)batch.Count * _propagation.Pass.LengthOf(_network.Input) * sizeof(float);
            Buffer.MemoryCopy(_propagation.Gradient, inputGradient, bytes, bytes);
        }
        if (stateGradient is not null)
            _propagation.States.CopyGradient(batch.Count, stateGradient);
    }

    /// <summary>Forward and loss as <see cref="Train"/> has them, with masks and statistics of training, without the backward half.</summary>
    /// <param name="nodes">Which nodes.</param>
    /// <param name="shards">Leaves of the minibatch's tree.</param>
    /// <param name="minibatchSamples">Samples of the whole minibatch.</param>
    /// <param name="batch">The nodes' samples, node after node.</param>
    /// <param name="sink">Is told each node's sums.</param>
    public void TrainingLoss(ReadOnlySpan<TreeNode> nodes, int shards, int minibatchSamples, in Batch batch, IStepSink sink)
    {
        Begin(Phase.Training, nodes, shards, minibatchSamples, batch, []);
        ForwardAndLoss(batch, CancellationToken.None);
        AnnounceSums(sink);
    }

    /// <summary>Forward, loss and metrics for nodes of one minibatch of an evaluation.</summary>
    /// <param name="nodes">Which nodes.</param>
    /// <param name="shards">Leaves of the minibatch's tree.</param>
    /// <param name="minibatchSamples">Samples of the whole minibatch.</param>
    /// <param name="batch">The nodes' samples, node after node.</param>
    /// <param name="sink">Is told each node's sums.</param>
    /// <param name="cancellation">Asked between layers.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Evaluate(
        ReadOnlySpan<TreeNode> nodes, int shards, int minibatchSamples, in Batch batch, IStepSink sink, CancellationToken cancellation)
    {
        AwaitCarried(cancellation);
        Begin(Phase.Evaluation, nodes, shards, minibatchSamples, batch, []);
        ForwardAndLoss(batch, cancellation);
        AnnounceSums(sink);
    }

    /// <summary>The network's output alone; that of a decoder as it is trained, so of one with teacher forcing on the batch's teacher.</summary>
    /// <param name="batch">Samples; targets are not looked at.</param>
    /// <param name="outputs">Receives [N, output shape].</param>
    public void Predict(in Batch batch, float* outputs) => PredictLayer(batch, _network.Layers.Count - 1, outputs);

    /// <summary>The output of one layer; those after it are not computed.</summary>
    /// <param name="batch">Samples; targets are not looked at.</param>
    /// <param name="layer">Which layer, from 0.</param>
    /// <param name="outputs">Receives [N, output shape of the layer].</param>
    public void PredictLayer(in Batch batch, int layer, float* outputs)
    {
        RequireReady(batch);
        _propagation.Begin(Phase.Prediction, batch);
        _propagation.BeginStates(batch);
        for (int i = 0; i <= layer; i++)
            _propagation.Forward(i);
        long bytes = (long)batch.Count * _propagation.Pass.LengthOf(_network.Layers[layer].Output) * sizeof(float);
        Buffer.MemoryCopy(_propagation.OutputOf(layer), outputs, bytes, bytes);
    }

    /// <summary>Copies what the network gave in the last pass.</summary>
    /// <param name="outputs">Receives [N, output shape].</param>
    public void CopyOutputs(float* outputs)
    {
        long bytes = (long)_propagation.Pass.Samples * _propagation.Pass.LengthOf(_network.Output) * sizeof(float);
        Buffer.MemoryCopy(_propagation.Result, outputs, bytes, bytes);
    }

    /// <summary>
    /// Finds where a minibatch whose gradient is not finite first stops being so, for the message that stops a job: the
    /// earliest stage of any leaf, each computed alone, and of leaves at the same stage the first. Slow; it allocates.
    /// </summary>
    /// <param name="nodes">Nodes of the minibatch whose samples the batch has.</param>
    /// <param name="shards">Leaves of the minibatch's tree.</param>
    /// <param name="minibatchSamples">Samples of the whole minibatch.</param>
    /// <param name="batch">The nodes' samples, node after node.</param>
    /// <returns>Null where every number is finite.</returns>
    public NonFinite? FindNonFinite(ReadOnlySpan<TreeNode> nodes, int shards, int minibatchSamples, in Batch batch)
    {
        Begin(Phase.Training, nodes, shards, minibatchSamples, batch, []);
        return new NonFiniteSearch(_network, _propagation).Find(nodes, shards, minibatchSamples, batch);
    }

    /// <summary>Gives all native memory back; the crew stays.</summary>
    public void Dispose() => _propagation.Dispose();

    private void Begin(
        Phase phase, ReadOnlySpan<TreeNode> nodes, int shards, int minibatchSamples, in Batch batch, ReadOnlySpan<nint> gradients, ReadOnlySpan<WrittenRows> written = default)
    {
        RequireReady(batch);
        foreach (TreeNode node in nodes)
        {
            if (!node.IsAligned || !SumTree.Root(shards).Contains(node))
                throw new ArgumentException($"{node} is no node of a tree of {shards} leaves.", nameof(nodes));
        }
        _propagation.Begin(phase, batch);
        int samples = _propagation.Pass.Cut(nodes, shards, minibatchSamples, gradients, written);
        if (samples != batch.Count)
            throw new ArgumentException($"The nodes have {samples} samples, the batch {batch.Count}.", nameof(batch));
        _propagation.BeginStates(batch);
    }

    private void RequireReady(in Batch batch, bool freeRuns = false)
    {
        if (_version is null)
            throw new InvalidOperationException("A pass before UseParameters: the replica has no parameters yet.");
        if (batch.Count < 0 || batch.Count > _maximumSamples)
            throw new ArgumentOutOfRangeException(nameof(batch), batch.Count, $"The replica was made for at most {_maximumSamples} samples.");
        if (batch.Window is { } window && (!_network.FollowsInput || window.Steps < 1 || window.Steps > _network.Input[0]))
            throw new ArgumentException($"A window of {window.Steps} steps does not fit a network from {_network.Input} to {_network.Output}.", nameof(batch));
        if (_network.Bridge is { } bridge)
            RequireTeacher(bridge, batch, freeRuns);
    }

    private void ForwardAll(CancellationToken cancellation)
    {
        for (int layer = 0; layer < _network.Layers.Count; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            LayerBegins?.Invoke(layer);
            if (_lastBlocks[layer] >= 0)
                _arrival?.Await(_lastBlocks[layer], cancellation);
            _propagation.Forward(layer);
        }
    }

    // Carried states are read before the first layer, and lie behind all that is trained.
    private void AwaitCarried(CancellationToken cancellation)
    {
        if (_network.Lanes > 0)
            _arrival?.Await(_network.Layout.Blocks.Count - 1, cancellation);
    }

    // A decoder's layers, from the bridge on, may run through one another.
    private int LastBlockOf(int layer)
    {
        IEnumerable<ParameterView> read = _network.Bridge is { } bridge && layer >= bridge.Index ? _network.Layout.Parameters : _network.ParametersOf(layer);
        long end = read.Select(parameter => parameter.Offset + parameter.Length).DefaultIfEmpty(0).Max();
        return end == 0 ? -1 : _network.Layout.Blocks.First(block => block.Offset + block.Length >= end).Index;
    }

    private void ForwardAndLoss(in Batch batch, CancellationToken cancellation)
    {
        ForwardAll(cancellation);
        fixed (double* losses = _nodeSums.Losses, terms = _nodeSums.Terms)
            _propagation.EvaluateLoss(batch, losses, terms);
        bool isForced = _network.Bridge is { TeacherForcing: true };
        _nodeSums.Count(batch, _propagation.Result, _network.Output, isAsTrained: true, isFreeRun: !isForced);
        if (isForced && _nodeSums.HasMetricOfFreeRun)
            CountFreeRun(batch);
    }

    private void AnnounceSums(IStepSink sink)
    {
        for (int node = 0; node < _propagation.Pass.NodeCount; node++)
            sink.SumsReady(node, _nodeSums.Of(_propagation.Pass.Node(node), _propagation.Pass.Diagnoses));
    }

    // Training goes on with the forced pass, so it has no free one.
    private void CountFreeRun(in Batch batch)
    {
        if (_propagation.Pass.Phase == Phase.Training)
        {
            _nodeSums.CountNoFreeRun(batch.Count);
            return;
        }
        _propagation.FreeRun();
        _nodeSums.Count(batch, _propagation.Result, _network.Output, isAsTrained: false, isFreeRun: true);
    }

    private void BackwardAll(IStepSink sink, CancellationToken cancellation, bool toInputs)
    {
        IReadOnlyList<GradientBucket> buckets = _network.Layout.Buckets;
        int bucket = buckets.Count - 1;
        for (; bucket >= 0 && buckets[bucket].FirstLayer == GradientBucket.AfterForward; bucket--)
            sink.BucketReady(bucket);
        for (int layer = _network.Layers.Count - 1; layer >= 0; layer--)
        {
            cancellation.ThrowIfCancellationRequested();
            _propagation.Backward(layer, toInputs);
            for (; bucket >= 0 && buckets[bucket].FirstLayer == layer; bucket--)
                sink.BucketReady(bucket);
        }
    }
}
