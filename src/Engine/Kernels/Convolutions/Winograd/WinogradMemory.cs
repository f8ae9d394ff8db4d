namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>What one member keeps while it computes.</summary>
internal unsafe struct WinogradMemory
{
    private const int CacheLine = 16;

    private readonly long _windows;
    private readonly long _source;
    private readonly long _sums;
    private readonly long _places;

    /// <param name="plan">What is computed.</param>
    /// <param name="rows">Rows of a tile of the product.</param>
    /// <param name="width">Its columns: tiles of the plan.</param>
    public WinogradMemory(WinogradPlan plan, int rows, int width)
    {
        FilteringSize size = plan.Size;
        _windows = (long)size.Points * size.WindowSize * width;
        _source = size.Products * SourceStride(plan.Depth, width);
        _sums = (long)size.Products * rows * width;
        _places = (long)size.TileSize * size.TileSize * width;
        Length = _windows + _source + _sums + _places + ((long)size.TileSize * width) + size.Taps - 1;
    }

    /// <summary>Numbers of all together.</summary>
    public long Length { get; }

    /// <summary>What the tiles see of one channel, [window, window, width], and room for what comes of it on the way.</summary>
    public float* Windows { get; private set; }

    /// <summary>The transformed source of all channels, [products, depth, width], <see cref="SourceStride"/> from product to product.</summary>
    public float* Source { get; private set; }

    /// <summary>The products of some rows, [products, rows, width].</summary>
    public float* Sums { get; private set; }

    /// <summary>The places of the result of one row, [tile, tile, width].</summary>
    public float* Places { get; private set; }

    /// <summary>A row of the source with its zeros, as far as a panel's tiles see it.</summary>
    public float* Line { get; private set; }

    /// <summary>A cache line more than [depth, width] take: the products of one channel are written together, and would evict each other at a stride of 4 KB.</summary>
    public static nint SourceStride(int depth, int width) => ((nint)depth * width) + CacheLine;

    public void Place(float* memory)
    {
        Source = memory;
        Windows = Source + _source;
        Sums = Windows + _windows;
        Places = Sums + _sums;
        Line = Places + _places;
    }
}
