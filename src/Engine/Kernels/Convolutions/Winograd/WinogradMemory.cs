namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>What one member keeps while it computes.</summary>
internal unsafe struct WinogradMemory
{
    private const int CacheLine = 16;

    private readonly long _lines;
    private readonly long _source;
    private readonly long _sums;
    private readonly long _places;

    /// <param name="plan">What is computed.</param>
    /// <param name="rows">Rows of a tile of the product.</param>
    /// <param name="width">Its columns: tiles of the plan.</param>
    public WinogradMemory(WinogradPlan plan, int rows, int width)
    {
        FilteringSize size = plan.Size;
        // What a run of tiles sees, and what is read after it, up to a vector of tiles.
        LineLength = size.TileSize * ((2 * width) + 1);
        _lines = (long)size.Points * LineLength;
        _source = size.Products * SourceStride(plan.Depth, width);
        _sums = (long)size.Products * rows * width;
        _places = (long)size.TileSize * size.TileSize * width;
        Length = _source + _lines + _sums + _places + ((long)size.WindowSize * LineLength);
    }

    /// <summary>Numbers of all together.</summary>
    public long Length { get; }

    /// <summary>From one line to the next.</summary>
    public int LineLength { get; }

    /// <summary>What a run of tiles sees of one channel, transformed down its columns, [points, <see cref="LineLength"/>].</summary>
    public float* Lines { get; private set; }

    /// <summary>The transformed source of all channels, [products, depth, width], <see cref="SourceStride"/> from product to product.</summary>
    public float* Source { get; private set; }

    /// <summary>The products of some rows, [products, rows, width].</summary>
    public float* Sums { get; private set; }

    /// <summary>The places of the result of one row, [tile, tile, width].</summary>
    public float* Places { get; private set; }

    /// <summary>Rows of the source, those outside of it among them, [window, <see cref="LineLength"/>].</summary>
    public float* Rows { get; private set; }

    /// <summary>A cache line more than [depth, width] take: the products of one channel are written together, and would evict each other at a stride of 4 KB.</summary>
    public static nint SourceStride(int depth, int width) => ((nint)depth * width) + CacheLine;

    public void Place(float* memory)
    {
        Source = memory;
        Lines = Source + _source;
        Sums = Lines + _lines;
        Places = Sums + _sums;
        Rows = Places + _places;
    }
}
