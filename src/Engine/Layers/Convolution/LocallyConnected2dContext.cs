using Lockstep.Engine.Kernels.LocalConnections;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;

namespace Lockstep.Engine.Layers.Convolution;

/// <summary>Room for a batch's images and features with the samples side by side.</summary>
internal sealed unsafe class LocallyConnected2dContext(ParameterView weight, ParameterView? bias, int inputs, int outputs, int maximumSamples) : LayerContext
{
    // One row more than the image has, for what padding is.
    private readonly FloatBuffer _images = new((inputs + 1L) * SampleLanes.For(maximumSamples));
    private readonly FloatBuffer _features = new((long)outputs * SampleLanes.For(maximumSamples));

    public ParameterView Weight => weight;

    public ParameterView? Bias => bias;

    public float* Images => _images.Pointer;

    public float* Features => _features.Pointer;

    protected override void Release()
    {
        _images.Dispose();
        _features.Dispose();
    }
}
