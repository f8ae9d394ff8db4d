namespace Lockstep.Engine.Kernels;

/// <summary>
/// A tile's place in the output. Where the output ends within a tile, the kernel works on a whole tile of its own, and only
/// what exists is copied.
/// </summary>
internal readonly unsafe struct OutputTile(float* output, nint stride, int rows, int columns)
{
    public bool Fills(int height, int width) => rows == height && columns == width;

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
