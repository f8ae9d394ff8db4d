using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;

namespace Lockstep.Engine.Layers;

/// <summary>The packed maps of a bridge, and room for one part of a gradient that is a sum.</summary>
internal sealed unsafe class BridgeContext : LayerContext
{
    private readonly FloatBuffer? _part;

    public BridgeContext(BridgeLink[] links, IReadOnlyList<ParameterView> parameters, int maximumSamples)
    {
        Maps = new LayerContext[links.Length];
        int at = 0;
        for (int i = 0; i < links.Length; i++)
        {
            int count = links[i].Parameters.Count;
            Maps[i] = links[i].Map?.CreateContext([.. parameters.Skip(at).Take(count)], maximumSamples) ?? Empty;
            at += count;
        }
        if (links.Any(link => !link.IsFirstOfSource))
            _part = new FloatBuffer((long)maximumSamples * links.Max(link => link.FromWidth));
    }

    /// <summary>One for each link.</summary>
    public LayerContext[] Maps { get; }

    /// <summary>[N, width of the widest source].</summary>
    public float* Part => _part!.Pointer;

    protected override void Release()
    {
        foreach (LayerContext map in Maps)
            map.Dispose();
        _part?.Dispose();
    }
}
