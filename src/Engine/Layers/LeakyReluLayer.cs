using Lockstep.Engine.Kernels;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers;

/// <summary>y = x where x &gt; 0, else slope·x, and NaN of NaN; ∂y/∂x = 1 where y &gt; 0, else slope (Maas et al. 2013, equation 2).</summary>
public sealed unsafe class LeakyReluLayer : ElementwiseLayer, IDiagnosed
{
    private readonly float _slope;

    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">The slope.</param>
    /// <param name="input">Any shape.</param>
    /// <exception cref="ArgumentOutOfRangeException">The slope is below 0: then y would not tell the sign of x.</exception>
    public LeakyReluLayer(int index, LeakyReluSpec spec, Shape input)
        : base(index, spec.Name, "leakyRelu", input)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(spec.Slope);
        _slope = spec.Slope;
    }

    DiagnosticKind IDiagnosed.Diagnostic => DiagnosticKind.DeadRelus;

    int IDiagnosed.DiagnosticSlots => UnitActivity.Slots(Output);

    void IDiagnosed.Diagnose(Pass pass, LayerContext context, float* output, double* values, int stride) =>
        UnitActivity.Count(pass, this, output, values, stride);

    IReadOnlyList<(string Name, double Value)> IDiagnosed.DiagnosticValues(ReadOnlySpan<double> sums, long divisor) => UnitActivity.Values(sums);

    private protected override void Apply(float* input, float* output, long count) => VectorMath.LeakyRelu(input, output, count, _slope);

    private protected override void ApplyDerivative(float* output, float* outputGradient, float* inputGradient, long count) =>
        VectorMath.LeakyReluGradient(output, outputGradient, inputGradient, count, _slope);
}
