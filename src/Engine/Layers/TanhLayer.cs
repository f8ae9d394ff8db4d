using System.Numerics;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Models;

namespace Lockstep.Engine.Layers;

/// <summary>y = tanh(x); ∂y/∂x = 1 − y².</summary>
public sealed unsafe class TanhLayer(int index, string? name, Shape input)
    : ElementwiseLayer(index, name, "tanh", input)
{
    private protected override void Apply(float* input, float* output, long count) => VectorMath.Tanh(input, output, count);

    private protected override void ApplyDerivative(float* output, float* outputGradient, float* inputGradient, long count)
    {
        long i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector<float> y = Vector.Load(output + i);
            Vector.Store(Vector.Load(outputGradient + i) * (Vector<float>.One - (y * y)), inputGradient + i);
        }
        for (; i < count; i++)
            inputGradient[i] = outputGradient[i] * (1 - (output[i] * output[i]));
    }
}
