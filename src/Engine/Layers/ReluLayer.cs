using Lockstep.Engine.Kernels;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers;

/// <summary>y = max(x, 0), relu(NaN) = NaN; ∂y/∂x = 1 where y &gt; 0, else 0.</summary>
public sealed unsafe class ReluLayer(int index, string? name, Shape input)
    : ElementwiseLayer(index, name, "relu", input), IDiagnosed
{
    DiagnosticKind IDiagnosed.Diagnostic => DiagnosticKind.DeadRelus;

    int IDiagnosed.DiagnosticSlots => UnitActivity.Slots(Output);

    void IDiagnosed.Diagnose(Pass pass, LayerContext context, float* output, double* values, int stride) =>
        UnitActivity.Count(pass, this, output, values, stride);

    IReadOnlyList<(string Name, double Value)> IDiagnosed.DiagnosticValues(ReadOnlySpan<double> sums, long divisor) => UnitActivity.Values(sums);

    private protected override void Apply(float* input, float* output, long count) => VectorMath.Relu(input, output, count);

    private protected override void ApplyDerivative(float* output, float* outputGradient, float* inputGradient, long count) =>
        VectorMath.ReluGradient(output, outputGradient, inputGradient, count);
}
