using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Threading;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Models;

/// <summary>A replica and a parameter server in one thread: what a run does, without a cluster.</summary>
internal sealed unsafe class Trainer : IDisposable
{
    private readonly LossSpec _loss;
    private readonly ComputeCrew _crew;
    private readonly FloatBuffer _gradient;
    private FloatBuffer _parameters;
    private FloatBuffer _newParameters;
    private readonly FloatBuffer[] _state;
    private long _version;

    public Trainer(Network network, LossSpec loss, UpdateSpec update, int maximumSamples, int threads = 1, params MetricKind[] metrics)
    {
        Network = network;
        _loss = loss;
        _crew = new ComputeCrew(threads);
        Rule = new UpdateRule(network.Layout, update);
        Replica = new Replica(network, loss, metrics, maximumSamples, _crew);
        long length = network.Layout.Length;
        (_gradient, _parameters, _newParameters) = (new FloatBuffer(length), new FloatBuffer(length), new FloatBuffer(length));
        _state = [.. Rule.StateNames.Select(_ => new FloatBuffer(length))];
    }

    public Network Network { get; }

    public UpdateRule Rule { get; }

    public Replica Replica { get; }

    public FloatBuffer Parameters => _parameters;

    /// <summary>The gradient of the last step: prepared, and after an update clipped.</summary>
    public FloatBuffer Gradient => _gradient;

    public double[] Sums { get; private set; } = [];

    public void Use() => Replica.UseParameters(_parameters.Pointer, ++_version);

    public Span<float> OfParameter(FloatBuffer flat, string name)
    {
        ParameterView view = Network.Layout[name];
        return flat.Slice(view.Offset, (int)view.Length);
    }

    public float[] Predict(Minibatch minibatch)
    {
        Use();
        using var output = new FloatBuffer((long)minibatch.Samples * Network.Output.Length);
        Replica.Predict(minibatch.All(), output.Pointer);
        return output.Span.ToArray();
    }

    /// <summary>The undivided gradient of a minibatch, computed by the given nodes in one call and added by the tree.</summary>
    public float[] Train(Minibatch minibatch, int shards, TreeNode[] nodes, FloatBuffer? inputGradient = null, FloatBuffer? stateGradient = null)
    {
        (float[][] gradients, double[][] sums) = TrainNodes(minibatch, shards, nodes, inputGradient, stateGradient);
        (float[] sum, Sums) = Add(SumTree.Root(shards), nodes, gradients, sums);
        return sum;
    }

    /// <summary>The undivided gradient of one node, computed alone.</summary>
    public float[] TrainNode(Minibatch minibatch, int shards, TreeNode node)
    {
        (float[][] gradients, double[][] sums) = TrainNodes(minibatch, shards, [node], null);
        Sums = sums[0];
        return gradients[0];
    }

    private (float[][], double[][]) TrainNodes(Minibatch minibatch, int shards, TreeNode[] nodes, FloatBuffer? inputGradient, FloatBuffer? stateGradient = null)
    {
        Use();
        var gradients = nodes.Select(_ => new FloatBuffer(Network.Layout.Length)).ToArray();
        // A stale number in a reused buffer must not survive.
        foreach (FloatBuffer gradient in gradients)
            gradient.Span.Fill(float.NaN);
        var sink = new SinkRecord();
        nint[] pointers = [.. gradients.Select(gradient => (nint)gradient.Pointer)];
        Replica.Train(
            nodes, shards, minibatch.Samples, minibatch.Of(shards, nodes), pointers, sink, CancellationToken.None,
            inputGradient is null ? null : inputGradient.Pointer, stateGradient is null ? null : stateGradient.Pointer);
        float[][] results = [.. gradients.Select(gradient => gradient.Span.ToArray())];
        foreach (FloatBuffer gradient in gradients)
            gradient.Dispose();
        return (results, [.. sink.Sums.Values]);
    }

    /// <summary>Loss with penalties; the prepared gradient lies in <see cref="Gradient"/>.</summary>
    public (double Loss, ClipDecision Clip) Prepare(float[] gradientSum)
    {
        gradientSum.CopyTo(_gradient.Span);
        long divisor = Replica.Sums.Divisor(Sums);
        double[] squares = [.. Network.Layout.Blocks.Select(block => Rule.Prepare(block, _gradient.Pointer + block.Offset, divisor, StepSums.SampleCount(Sums), _parameters.Pointer))];
        return (Replica.Sums.LossValue(Sums) + Rule.PenaltyLoss(_parameters.Pointer), Rule.Decide(squares));
    }

    public bool Update(ClipDecision clip, long step)
    {
        nint[] state = [.. _state.Select(buffer => (nint)buffer.Pointer)];
        bool finite = true;
        foreach (ParameterBlock block in Network.Layout.Blocks)
            finite &= Rule.Apply(block, _gradient.Pointer + block.Offset, clip, step, _parameters.Pointer, _newParameters.Pointer, state);
        Rule.ApplyMaxNorm(_newParameters.Pointer);
        (_parameters, _newParameters) = (_newParameters, _parameters);
        return finite;
    }

    /// <summary>The tree sum of a node of which the parts are given.</summary>
    public static (float[] Gradient, double[] Sums) Add(TreeNode node, TreeNode[] parts, float[][] gradients, double[][] sums)
    {
        int at = Array.IndexOf(parts, node);
        if (at >= 0)
            return (gradients[at], sums[at]);
        (float[] left, double[] leftSums) = Add(node.Left, parts, gradients, sums);
        (float[] right, double[] rightSums) = Add(node.Right, parts, gradients, sums);
        double[] added = new double[leftSums.Length];
        StepSums.Add(leftSums, rightSums, added);
        return ([.. left.Zip(right, (a, b) => a + b)], added);
    }

    public void Dispose()
    {
        Replica.Dispose();
        _crew.Dispose();
        foreach (FloatBuffer buffer in _state.Concat([_gradient, _parameters, _newParameters]))
            buffer.Dispose();
    }
}
