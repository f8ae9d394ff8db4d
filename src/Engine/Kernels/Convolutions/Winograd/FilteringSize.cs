namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>The sizes of a minimal filtering along one axis, what it is taken for, and how its sums are blocked. All of it but <see cref="TilesTogether"/> is part of the result's last bits.</summary>
internal sealed record FilteringSize
{
    /// <summary>F(2×2, 3×3) of <see cref="ThreeTaps"/>.</summary>
    public static FilteringSize Three { get; } = new()
    {
        Taps = 3,
        TileSize = 2,
        Points = 4,
        // With fewer channels or rows the transforms cost what the products save.
        LeastChannels = 32,
        LeastPlaces = 4,
        BlockChannels = MatrixProduct.BlockLength,
        BlockTiles = 128,
        TilesTogether = 200,
    };

    /// <summary>F(4×4, 5×5) of <see cref="FiveTaps"/>.</summary>
    public static FilteringSize Five { get; } = new()
    {
        Taps = 5,
        TileSize = 4,
        Points = 11,
        LeastChannels = 32,
        LeastPlaces = 12,
        BlockChannels = 64,
        BlockTiles = 64,
        TilesTogether = 64,
    };

    /// <summary>Taps along one axis.</summary>
    public required int Taps { get; init; }

    /// <summary>Places of the result in a tile, along one axis.</summary>
    public required int TileSize { get; init; }

    /// <summary>Products along one axis.</summary>
    public required int Points { get; init; }

    /// <summary>The fewest channels and filters of a group.</summary>
    public required int LeastChannels { get; init; }

    /// <summary>The fewest places of the images and of the features along one axis.</summary>
    public required int LeastPlaces { get; init; }

    /// <summary>k of a block of the sums over channels.</summary>
    public required int BlockChannels { get; init; }

    /// <summary>k of a block of the filters' gradient: what a panel's matrices take at that length leaves room for others in the caches.</summary>
    public required int BlockTiles { get; init; }

    /// <summary>Short leaves are taken together up to so many tiles, for then fewer of their sums go to memory and come back: four of AlexNet's one-sample leaves of 49.</summary>
    public required int TilesTogether { get; init; }

    /// <summary>Numbers of the source that a tile sees, along one axis.</summary>
    public int WindowSize => TileSize + Taps - 1;

    /// <summary>Products of a tile, for each channel and row.</summary>
    public int Products => Points * Points;

    /// <summary>Taps of a filter's channel.</summary>
    public int FilterTaps => Taps * Taps;
}
