using Lockstep.Engine.Models;

namespace Lockstep.Engine.Layers;

/// <summary>y = x.</summary>
public sealed unsafe class IdentityLayer(int index, string? name, Shape input)
    : Layer(index, name, "identity", input, input)
{
    public override bool PassesThrough => true;

    public override bool KeepsSteps => true;

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
    }
}
