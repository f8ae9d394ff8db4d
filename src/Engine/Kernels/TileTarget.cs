namespace Lockstep.Engine.Kernels;

/// <summary>
/// What becomes of a tile's new sum: previous + sum, then stacked partial sums of the tree + that, then + bias, then stored.
/// </summary>
internal unsafe struct TileTarget
{
    /// <summary>The sum of the blocks before, or null; it is laid out as the destination.</summary>
    public float* Previous;

    public nint PreviousStride;

    /// <summary>Partial sums of the tree, level by level, each a tile of its own.</summary>
    public float* Stack;

    /// <summary>How many levels to add.</summary>
    public int StackedTiles;

    /// <summary>Numbers in one level.</summary>
    public nint StackedTileSize;

    public nint StackStride;

    /// <summary>One number a column, as many as the tile is wide, or null.</summary>
    public float* Bias;

    public float* Destination;

    public nint DestinationStride;
}
