using System.Numerics;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>The leaves of a tree in tiles, and how many are taken together.</summary>
internal unsafe struct GradientLeaves
{
    private readonly int _tilesOfSample;

    public GradientLeaves(ReadOnlySpan<int> bounds, int tilesOfSample, FilteringSize size)
    {
        _tilesOfSample = tilesOfSample;
        Count = bounds.Length - 1;
        for (int leaf = 0; leaf < Count; leaf++)
            HasLong |= (long)(bounds[leaf + 1] - bounds[leaf]) * tilesOfSample > size.BlockTiles;
        while (!HasLong && Levels < BitOperations.Log2((uint)Count) && Fit(bounds, 2 * Together, size.TilesTogether))
            Levels++;
    }

    public int* Bounds { get; set; }

    public int Count { get; }

    /// <summary>Whether a leaf has more tiles than a block.</summary>
    public bool HasLong { get; }

    /// <summary>Levels of the tree below the nodes whose leaves are taken together.</summary>
    public int Levels { get; private set; }

    /// <summary>How many leaves are: a power of two.</summary>
    public readonly int Together => 1 << Levels;

    /// <summary>The first tile of a leaf, of all samples' tiles.</summary>
    public readonly long TileOf(int leaf) => (long)Bounds[leaf] * _tilesOfSample;

    private readonly bool Fit(ReadOnlySpan<int> bounds, int together, int most)
    {
        for (int leaf = 0; leaf < Count; leaf += together)
        {
            if ((long)(bounds[leaf + together] - bounds[leaf]) * _tilesOfSample > most)
                return false;
        }
        return true;
    }
}
