using Lockstep.Engine.Kernels;
using Lockstep.Engine.Models;

namespace Lockstep.Engine.Layers;

/// <summary>y = 1/(1 + exp(−x)); ∂y/∂x = y·(1 − y).</summary>
public sealed unsafe class SigmoidLayer(int index, string? name, Shape input)
    : ElementwiseLayer(index, name, "sigmoid", input)
{
    private protected override void Apply(float* input, float* output, long count) => VectorMath.Sigmoid(input, output, count);

    private protected override void ApplyDerivative(float* output, float* outputGradient, float* inputGradient, long count) =>
        VectorMath.SigmoidGradient(output, outputGradient, inputGradient, count);
}
