using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers;

/// <summary>
/// y = sign(a), a = x·Wᵀ + b, with sign(0) = +1 and sign(NaN) = NaN: x [N, D], W [units, D], b [units], y [N, units] (Rosenblatt 1958).
/// </summary>
/// <remarks>
/// Sign has no derivative to learn by. The perceptron loss gives −t where y ≠ t, which is taken as ∂L/∂a: with a rate of 1 the
/// update is w ← w + t·x on a mistake, and nothing else.
/// </remarks>
public sealed unsafe class PerceptronLayer : Layer
{
    private readonly DenseLayer _dense;

    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">Units and how they start.</param>
    /// <param name="input">One axis: D.</param>
    /// <exception cref="ShapeException">The input does not have one axis, or the layer would have no unit.</exception>
    public PerceptronLayer(int index, PerceptronSpec spec, Shape input)
        : this(index, spec, new DenseLayer(index, "perceptron", DenseOf(spec), input))
    {
    }

    private PerceptronLayer(int index, PerceptronSpec spec, DenseLayer dense)
        : base(index, spec.Name, "perceptron", dense.Input, dense.Output) => _dense = dense;

    public override IReadOnlyList<ParameterDefinition> Parameters => _dense.Parameters;

    public override bool KeepsSteps => true;

    public override bool Frozen => _dense.Frozen;

    public override float LearningRateFactor => _dense.LearningRateFactor;

    public override LayerContext CreateContext(IReadOnlyList<ParameterView> parameters, int maximumSamples) =>
        _dense.CreateContext(parameters, maximumSamples);

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
        _dense.Forward(pass, context, input, output);
        long count = (long)pass.Samples * pass.LengthOf(Output);
        for (long i = 0; i < count; i++)
            output[i] = output[i] >= 0 ? 1 : output[i] < 0 ? -1 : output[i];
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient) =>
        _dense.Backward(pass, context, input, output, outputGradient, inputGradient);

    private static DenseSpec DenseOf(PerceptronSpec spec) => new(spec.Units)
    {
        Name = spec.Name,
        Initializer = spec.Initializer,
        BiasInitializer = spec.BiasInitializer,
        Frozen = spec.Frozen,
        LearningRateFactor = spec.LearningRateFactor,
    };
}
