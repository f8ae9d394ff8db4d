using Lockstep.Engine.Kernels;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers;

/// <summary>y = x·Wᵀ + b: x [N, D], W [units, D], b [units], y [N, units]; of sequences x [N, T, D] at every step.</summary>
/// <remarks>
/// ∂L/∂x = ∂L/∂y·W; ∂L/∂W = (∂L/∂y)ᵀ·x and ∂L/∂b = the column sums of ∂L/∂y, both summed over samples leaf by leaf, over
/// the steps of a sample in order.
/// </remarks>
public sealed unsafe class DenseLayer : Layer, ISteppedLayer
{
    private readonly DenseSpec _spec;

    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">Units, bias and how they start.</param>
    /// <param name="input">[D], or [T, D].</param>
    /// <exception cref="ShapeException">The input has other axes, or the layer would have no unit.</exception>
    public DenseLayer(int index, DenseSpec spec, Shape input)
        : this(index, "dense", spec, input)
    {
    }

    internal DenseLayer(int index, string kind, DenseSpec spec, Shape input)
        : base(index, spec.Name, kind, input, OutputOf(index, kind, spec, input))
    {
        _spec = spec;
        int features = Features;
        var weight = new ParameterDefinition("weight", [spec.Units, features], false, spec.Initializer, features, spec.Units);
        var bias = new ParameterDefinition("bias", [spec.Units], true, spec.BiasInitializer, features, spec.Units);
        Parameters = spec.Bias ? [weight, bias] : [weight];
    }

    public override IReadOnlyList<ParameterDefinition> Parameters { get; }

    public override bool KeepsSteps => true;

    public override bool KeepsOutput => false;

    public override bool Frozen => _spec.Frozen;

    public override float LearningRateFactor => _spec.LearningRateFactor;

    public override LayerContext CreateContext(IReadOnlyList<ParameterView> parameters, int maximumSamples) =>
        new DenseContext(parameters[0], _spec.Bias ? parameters[1] : null, Features, _spec.Units);

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
        var dense = (DenseContext)context;
        float* bias = dense.Bias is null ? null : pass.Parameters + dense.Bias.Offset;
        dense.MultiplyForward(pass, Rows(pass), new MatrixOperand(input, Features), output, _spec.Units, bias);
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
        var dense = (DenseContext)context;
        SumGradients(pass, context, input, outputGradient);
        if (inputGradient is not null)
            dense.MultiplyBackward(pass, Rows(pass), new MatrixOperand(outputGradient, _spec.Units), inputGradient, Features);
    }

    public void ForwardStep(Pass pass, LayerContext context, float* input, float* output, int step)
    {
        var dense = (DenseContext)context;
        int steps = Steps(pass);
        float* bias = dense.Bias is null ? null : pass.Parameters + dense.Bias.Offset;
        dense.MultiplyForward(
            pass, pass.Samples, new MatrixOperand(input + ((long)step * Features), steps * Features), output + ((long)step * _spec.Units), steps * _spec.Units, bias);
    }

    public void BackwardStep(Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient, int step)
    {
        if (inputGradient is null)
            return;
        int steps = Steps(pass);
        ((DenseContext)context).MultiplyBackward(
            pass, pass.Samples, new MatrixOperand(outputGradient + ((long)step * _spec.Units), steps * _spec.Units), inputGradient + ((long)step * Features), steps * Features);
    }

    public void SumGradients(Pass pass, LayerContext context, float* input, float* outputGradient)
    {
        for (int i = 0; i < pass.NodeCount && !Frozen; i++)
            SumGradients(pass, (DenseContext)context, pass.Node(i), input, outputGradient);
    }

    private void SumGradients(Pass pass, DenseContext dense, NodeRun node, float* input, float* outputGradient)
    {
        int steps = Steps(pass);
        float* x = input + ((long)node.FirstSample * steps * Features);
        float* dy = outputGradient + ((long)node.FirstSample * steps * _spec.Units);
        ReadOnlySpan<int> bounds = dense.RowBounds(node.LeafBounds, steps);
        MatrixProduct.MultiplyLeaves(
            pass.Crew, _spec.Units, Features,
            new MatrixOperand(dy, _spec.Units, transposed: true), new MatrixOperand(x, Features),
            bounds, node.Gradient + dense.Weight.Offset, Features);
        if (dense.Bias is not null)
            ColumnSums.SumLeaves(pass.Crew, dy, _spec.Units, _spec.Units, bounds, node.Gradient + dense.Bias.Offset);
    }

    private int Features => Input[Input.Rank - 1];

    private int Steps(Pass pass) => Input.Rank == 2 ? pass.StepsOf(Input) : 1;

    private int Rows(Pass pass) => checked(pass.Samples * Steps(pass));

    private static Shape OutputOf(int index, string kind, DenseSpec spec, Shape input)
    {
        string layer = $"{spec.Name ?? index.ToString(System.Globalization.CultureInfo.InvariantCulture)} ({kind})";
        if (input.Rank is not (1 or 2))
            throw new ShapeException(layer, "number of axes", "1, or 2 of a sequence", $"{input.Rank} ({input})", "Put a flatten layer before it.");
        if (spec.Units < 1)
            throw new ShapeException(layer, "axis 0 of its output", "at least 1 unit", $"{spec.Units}", "Give it units.");
        return input.Rank == 2 ? new Shape(input[0], spec.Units) : new Shape(spec.Units);
    }
}
