using Lockstep.Engine.Kernels;
using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Models;

/// <summary>Computes a minibatch leaf by leaf, and looks at every number on the way.</summary>
internal sealed unsafe class NonFiniteSearch(Network network, Propagation propagation)
{
    public NonFinite? Find(ReadOnlySpan<TreeNode> nodes, int shards, int minibatchSamples, in Batch batch)
    {
        if (FindParameter(propagation.Pass.Parameters) is { } parameter)
            return new NonFinite(NonFiniteStage.Parameter, LayerOf(parameter), null, parameter.Name);
        using var gradient = new FloatBuffer(network.Layout.Length);
        NonFinite? found = null;
        int foundAt = int.MaxValue;
        int sample = 0;
        foreach (TreeNode leaf in LeavesOf(nodes))
        {
            (int start, int end) = SumTree.NodeSamples(leaf, shards, minibatchSamples);
            Batch part = batch.Slice(sample, end - start, network);
            sample += end - start;
            if (part.Count > 0 && FindIn(leaf, shards, minibatchSamples, part, gradient.Pointer) is { } place && place.At < foundAt)
                (found, foundAt) = (place.Found, place.At);
        }
        return found ?? FindInSum(nodes, shards, minibatchSamples, batch, gradient.Pointer);
    }

    // The place in the order of a step, so that the earliest of all leaves can be told, and what is there.
    private (int At, NonFinite Found)? FindIn(TreeNode leaf, int shards, int minibatchSamples, in Batch batch, float* gradient)
    {
        int layers = network.Layers.Count;
        Begin([leaf], shards, minibatchSamples, batch, gradient);
        if (!VectorMath.AllFinite(batch.Inputs, Length(batch, network.Input)))
            return (0, new NonFinite(NonFiniteStage.Input, network.Layers[0].ToString(), leaf.Start, null));
        for (int i = 0; i < layers; i++)
        {
            propagation.Forward(i);
            if (!VectorMath.AllFinite(propagation.OutputOf(i), Length(batch, network.Layers[i].Output)))
                return (1 + i, new NonFinite(NonFiniteStage.Output, network.Layers[i].ToString(), leaf.Start, null));
        }
        if (!LossIsFinite(batch))
            return (1 + layers, new NonFinite(NonFiniteStage.Loss, network.Layers[^1].ToString(), leaf.Start, null));
        for (int i = layers - 1; i >= 0; i--)
        {
            if (!propagation.Backward(i, toInputs: false))
                continue;
            int at = 2 + layers + (layers - 1 - i);
            if (FindParameter(gradient, i) is { } parameter)
                return (at, new NonFinite(NonFiniteStage.Gradient, LayerOf(parameter), leaf.Start, parameter.Name));
            if (propagation.Gradient is not null && !VectorMath.AllFinite(propagation.Gradient, Length(batch, network.Layers[i].Input)))
                return (at, new NonFinite(NonFiniteStage.InputGradient, network.Layers[i].ToString(), leaf.Start, null));
        }
        return null;
    }

    private NonFinite? FindInSum(ReadOnlySpan<TreeNode> nodes, int shards, int minibatchSamples, in Batch batch, float* gradient)
    {
        int sample = 0;
        foreach (TreeNode node in nodes)
        {
            (int start, int end) = SumTree.NodeSamples(node, shards, minibatchSamples);
            Batch part = batch.Slice(sample, end - start, network);
            sample += end - start;
            Begin([node], shards, minibatchSamples, part, gradient);
            for (int i = 0; i < network.Layers.Count; i++)
                propagation.Forward(i);
            LossIsFinite(part);
            for (int i = network.Layers.Count - 1; i >= 0; i--)
                propagation.Backward(i, toInputs: false);
            if (FindParameter(gradient) is { } parameter)
                return new NonFinite(NonFiniteStage.Sum, LayerOf(parameter), null, parameter.Name);
        }
        return null;
    }

    private void Begin(ReadOnlySpan<TreeNode> nodes, int shards, int minibatchSamples, in Batch batch, float* gradient)
    {
        propagation.Begin(Phase.Training, batch);
        propagation.Pass.Cut(nodes, shards, minibatchSamples, [(nint)gradient]);
        propagation.BeginStates(batch);
    }

    private bool LossIsFinite(in Batch batch)
    {
        double[] losses = new double[Math.Max(1, batch.Count)], terms = new double[losses.Length];
        fixed (double* loss = losses, count = terms)
            propagation.EvaluateLoss(batch, loss, count);
        return losses.All(double.IsFinite) && VectorMath.AllFinite(propagation.Gradient, Length(batch, network.Output));
    }

    // Frozen parameters have no gradient; of a version they are looked at too.
    private ParameterView? FindParameter(float* flat, int? layer = null) => network.Layout.Parameters.FirstOrDefault(parameter =>
        (layer is null || parameter.Layer == layer) && !VectorMath.AllFinite(flat + parameter.Offset, parameter.Length));

    private string LayerOf(ParameterView parameter) => network.Layers[parameter.Layer].ToString();

    private long Length(in Batch batch, Shape shape) => (long)batch.Count * propagation.Pass.LengthOf(shape);

    private static List<TreeNode> LeavesOf(ReadOnlySpan<TreeNode> nodes)
    {
        var leaves = new List<TreeNode>();
        foreach (TreeNode node in nodes)
        {
            for (int leaf = node.Start; leaf < node.End; leaf++)
                leaves.Add(new TreeNode(leaf, 1));
        }
        return leaves;
    }
}
