using Lockstep.Engine.Kernels;
using Lockstep.Engine.Models;

namespace Lockstep.Engine.Layers;

/// <summary>y = tanh(x); ∂y/∂x = 1 − y².</summary>
public sealed unsafe class TanhLayer(int index, string? name, Shape input)
    : ElementwiseLayer(index, name, "tanh", input)
{
    private protected override void Apply(float* input, float* output, long count) => VectorMath.Tanh(input, output, count);

    private protected override void ApplyDerivative(float* output, float* outputGradient, float* inputGradient, long count) =>
        VectorMath.TanhGradient(output, outputGradient, inputGradient, count);
}
