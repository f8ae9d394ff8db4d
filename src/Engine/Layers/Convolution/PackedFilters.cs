using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Memory;

namespace Lockstep.Engine.Layers.Convolution;

/// <summary>The weights of a set of sums as the kernels read them, packed when a version's first pass asks for them.</summary>
internal sealed unsafe class PackedFilters(GatherSet set) : IDisposable
{
    private FloatBuffer? _packed;
    private long _version;

    /// <param name="pass">Its parameters count.</param>
    /// <param name="weight">Where the weights lie in the flat buffer.</param>
    public float* Of(Pass pass, long weight)
    {
        _packed ??= new FloatBuffer(GatherProduct.PackedLength(set));
        if (_version != pass.ParameterVersion)
        {
            GatherProduct.Pack(pass.Crew, set, pass.Parameters + weight, _packed.Pointer);
            _version = pass.ParameterVersion;
        }
        return _packed.Pointer;
    }

    public void Dispose() => _packed?.Dispose();
}
