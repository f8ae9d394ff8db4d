using System.Numerics;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Models;

namespace Lockstep.Engine.Layers;

/// <summary>y = 1/(1 + exp(−x)); ∂y/∂x = y·(1 − y).</summary>
public sealed unsafe class SigmoidLayer(int index, string? name, Shape input)
    : ElementwiseLayer(index, name, "sigmoid", input)
{
    private protected override void Apply(float* input, float* output, long count) => VectorMath.Sigmoid(input, output, count);

    private protected override void ApplyDerivative(float* output, float* outputGradient, float* inputGradient, long count)
    {
        long i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> y = Vector.Load(output + i);
            Vector.Store(Vector.Load(outputGradient + i) * (y * (Vector<float>.One - y)), inputGradient + i);
        }
        for (; i < count; i++)
            inputGradient[i] = outputGradient[i] * (output[i] * (1 - output[i]));
    }
}
