namespace Lockstep.Engine.Kernels;

/// <summary>
/// A tile's place in the output. Where the output ends within a tile, the kernel works on a whole tile of its own, and only
/// what exists is copied.
/// </summary>
internal readonly unsafe struct OutputTile(float* output, nint stride, int rows, int columns)
{
    public bool Fills(int height, int width) => rows == height && columns == width;

    /// <summary>Has the processor fetch what the tile's sums will be stored to, so that it has come by the time they are made.</summary>
    public void Prefetch()
    {
        for (int i = 0; i < rows; i++)
            CacheLines.Prefetch(output + (i * stride), columns);
    }

    public TileTarget Whole() => new() { Output = output, Stride = stride };

    public static TileTarget Edge(float* edge, int width) => new() { Output = edge, Stride = width };

    public void CopyTo(float* edge, int width)
    {
        for (int i = 0; i < rows; i++)
            new ReadOnlySpan<float>(output + (i * stride), columns).CopyTo(new Span<float>(edge + ((nint)i * width), columns));
    }

    public void CopyFrom(float* edge, int width)
    {
        for (int i = 0; i < rows; i++)
            new ReadOnlySpan<float>(edge + ((nint)i * width), columns).CopyTo(new Span<float>(output + (i * stride), columns));
    }
}
