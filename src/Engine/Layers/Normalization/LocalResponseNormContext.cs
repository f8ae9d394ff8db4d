using Lockstep.Engine.Memory;

namespace Lockstep.Engine.Layers.Normalization;

/// <summary>The sums k + alpha·Σ x² of the forward pass.</summary>
internal sealed unsafe class LocalResponseNormContext(long numbers) : LayerContext
{
    private readonly FloatBuffer _sums = new(numbers);

    public float* Sums => _sums.Pointer;

    protected override void Release() => _sums.Dispose();
}
