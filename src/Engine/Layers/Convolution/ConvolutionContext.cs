using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;

namespace Lockstep.Engine.Layers.Convolution;

/// <summary>What a replica keeps for a convolution: its weights, packed for the forward and for the backward pass, and its biases with room after them.</summary>
internal sealed unsafe class ConvolutionContext : LayerContext
{
    private readonly FloatBuffer? _biases;

    public ConvolutionContext(ParameterView weight, ParameterView? bias, GatherSet forward, GatherSet backward)
    {
        Weight = weight;
        Bias = bias;
        Forward = new PackedFilters(forward);
        Backward = new PackedFilters(backward);
        _biases = bias is null ? null : new FloatBuffer(bias.Length + GatherProduct.BiasPadding);
    }

    public ParameterView Weight { get; }

    public ParameterView? Bias { get; }

    public PackedFilters Forward { get; }

    public PackedFilters Backward { get; }

    /// <summary>The biases; null where the layer has none.</summary>
    public float* Biases(Pass pass)
    {
        if (_biases is null)
            return null;
        new ReadOnlySpan<float>(pass.Parameters + Bias!.Offset, (int)Bias.Length).CopyTo(_biases.Span);
        return _biases.Pointer;
    }

    protected override void Release()
    {
        Forward.Dispose();
        Backward.Dispose();
        _biases?.Dispose();
    }
}
