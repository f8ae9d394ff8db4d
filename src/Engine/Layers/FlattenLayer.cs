using Lockstep.Engine.Models;

namespace Lockstep.Engine.Layers;

/// <summary>[N, …] → [N, D] with D the product of the axes; row-major numbers stay where they are.</summary>
public sealed unsafe class FlattenLayer(int index, string? name, Shape input)
    : Layer(index, name, "flatten", input, new Shape(input.Length))
{
    public override bool PassesThrough => true;

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
    }
}
