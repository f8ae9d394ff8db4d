namespace Lockstep.Engine.Layers;

/// <summary>What one replica keeps for one layer: packed weights, and what the backward pass needs of the forward pass.</summary>
public class LayerContext : IDisposable
{
    private protected LayerContext()
    {
    }

    /// <summary>For layers that keep nothing beside their input and output.</summary>
    public static LayerContext Empty { get; } = new();

    /// <summary>Gives native memory back.</summary>
    protected virtual void Release()
    {
    }

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }
}
