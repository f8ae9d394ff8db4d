using Lockstep.Engine.Memory;

namespace Lockstep.Engine.Layers.Pooling;

/// <summary>Which pixel of its channel won each window.</summary>
internal sealed unsafe class MaxPool2dContext(long windows) : LayerContext
{
    private readonly FloatBuffer _winners = new(windows);

    /// <summary>Winners take as much memory as the numbers themselves.</summary>
    public int* Winners => (int*)_winners.Pointer;

    protected override void Release() => _winners.Dispose();
}
