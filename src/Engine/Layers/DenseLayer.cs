using Lockstep.Engine.Kernels;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers;

/// <summary>y = x·Wᵀ + b: x [N, D], W [units, D], b [units], y [N, units].</summary>
/// <remarks>
/// ∂L/∂x = ∂L/∂y·W; ∂L/∂W = (∂L/∂y)ᵀ·x and ∂L/∂b = the column sums of ∂L/∂y, both summed over samples leaf by leaf.
/// </remarks>
public sealed unsafe class DenseLayer : Layer
{
    private readonly DenseSpec _spec;

    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">Units, bias and how they start.</param>
    /// <param name="input">One axis: D.</param>
    /// <exception cref="ShapeException">The input does not have one axis, or the layer would have no unit.</exception>
    public DenseLayer(int index, DenseSpec spec, Shape input)
        : this(index, "dense", spec, input)
    {
    }

    internal DenseLayer(int index, string kind, DenseSpec spec, Shape input)
        : base(index, spec.Name, kind, input, OutputOf(index, kind, spec, input))
    {
        _spec = spec;
        var weight = new ParameterDefinition("weight", [spec.Units, input.Length], false, spec.Initializer, input.Length, spec.Units);
        var bias = new ParameterDefinition("bias", [spec.Units], true, spec.BiasInitializer, input.Length, spec.Units);
        Parameters = spec.Bias ? [weight, bias] : [weight];
    }

    public override IReadOnlyList<ParameterDefinition> Parameters { get; }

    public override bool Frozen => _spec.Frozen;

    public override float LearningRateFactor => _spec.LearningRateFactor;

    public override LayerContext CreateContext(IReadOnlyList<ParameterView> parameters, int maximumSamples) =>
        new DenseContext(parameters[0], _spec.Bias ? parameters[1] : null, Input.Length, Output.Length);

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
        var dense = (DenseContext)context;
        float* bias = dense.Bias is null ? null : pass.Parameters + dense.Bias.Offset;
        MatrixProduct.Multiply(
            pass.Crew, pass.Samples, Output.Length, Input.Length,
            new MatrixOperand(input, Input.Length), dense.ForwardWeight(pass), output, Output.Length, bias);
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
        var dense = (DenseContext)context;
        if (!Frozen)
        {
            for (int i = 0; i < pass.NodeCount; i++)
                SumGradients(pass, dense, pass.Node(i), input, outputGradient);
        }
        if (inputGradient is not null)
        {
            MatrixProduct.Multiply(
                pass.Crew, pass.Samples, Input.Length, Output.Length,
                new MatrixOperand(outputGradient, Output.Length), dense.BackwardWeight(pass), inputGradient, Input.Length);
        }
    }

    private void SumGradients(Pass pass, DenseContext dense, NodeRun node, float* input, float* outputGradient)
    {
        float* x = input + ((long)node.FirstSample * Input.Length);
        float* dy = outputGradient + ((long)node.FirstSample * Output.Length);
        MatrixProduct.MultiplyLeaves(
            pass.Crew, Output.Length, Input.Length,
            new MatrixOperand(dy, Output.Length, transposed: true), new MatrixOperand(x, Input.Length),
            node.LeafBounds, node.Gradient + dense.Weight.Offset, Input.Length);
        if (dense.Bias is not null)
            ColumnSums.SumLeaves(pass.Crew, dy, Output.Length, Output.Length, node.LeafBounds, node.Gradient + dense.Bias.Offset);
    }

    private static Shape OutputOf(int index, string kind, DenseSpec spec, Shape input)
    {
        string layer = $"{spec.Name ?? index.ToString(System.Globalization.CultureInfo.InvariantCulture)} ({kind})";
        if (input.Rank != 1)
            throw new ShapeException(layer, "number of axes", "1", $"{input.Rank} ({input})", "Put a flatten layer before it.");
        if (spec.Units < 1)
            throw new ShapeException(layer, "axis 0 of its output", "at least 1 unit", $"{spec.Units}", "Give it units.");
        return new Shape(spec.Units);
    }
}
