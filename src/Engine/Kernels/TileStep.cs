namespace Lockstep.Engine.Kernels;

/// <summary>
/// One run of a tile along k, and where its sum goes. A plain product's tile has one step; a product over leaves has one for each
/// block of each leaf, the same for every tile.
/// </summary>
internal struct TileStep
{
    /// <summary>How many k.</summary>
    public int Depth;

    /// <summary>Whether the leaf's blocks before lie in slot 0 and are added.</summary>
    public bool Continues;

    /// <summary>How many levels of the tree, from slot 1 upward, are complete now and are added.</summary>
    public int Levels;

    /// <summary>The slot that takes the sum; the last step's goes to the output instead.</summary>
    public int Slot;
}

/// <summary>Where a tile's last sum goes.</summary>
internal unsafe struct TileTarget
{
    /// <summary>The tile in the output.</summary>
    public float* Output;

    /// <summary>From one row of the output to the next.</summary>
    public nint Stride;

    /// <summary>Whether what the output holds, the blocks before, is added.</summary>
    public bool Continues;

    /// <summary>One number a column, as many as the tile is wide, or null.</summary>
    public float* Bias;

    /// <summary>One number a row, as many as the tile is high, or null.</summary>
    public float* RowBias;
}
