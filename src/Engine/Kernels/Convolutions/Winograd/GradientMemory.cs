using System.Numerics;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>Memory that the members share.</summary>
internal unsafe struct GradientMemory
{
    private const int CacheLine = 16;

    private readonly long _panelLength;
    private readonly long _rowPanelLength;
    private readonly long _rowPanels;
    private readonly long _columnPanels;
    private readonly long _slots;
    private readonly long _sums;

    public GradientMemory(FilteringSize size, in GradientLeaves leaves, int rowPanels, int columnPanels, int rows, int columns)
    {
        (_rowPanels, _columnPanels) = (rowPanels, columnPanels);
        long tileSize = (long)rows * columns;
        _rowPanelLength = size.Products * (long)Stride(size.TilesTogether, rows);
        _panelLength = size.Products * (long)Stride(size.TilesTogether, columns);
        // A slot for each level of the tree above what is taken together.
        _slots = (BitOperations.Log2((uint)leaves.Count) - leaves.Levels + 1) * size.FilterTaps * tileSize;
        _sums = leaves.HasLong ? size.Products * tileSize : 0;
        Length = (_rowPanels * _rowPanelLength) + (_columnPanels * _panelLength) + ((long)rowPanels * columnPanels * (_slots + _sums));
    }

    /// <summary>Numbers of all together.</summary>
    public long Length { get; }

    private float* Start { get; set; }

    public void Place(float* memory) => Start = memory;

    /// <summary>A·∂L/∂Y·Aᵀ of a panel of filters, [products, tiles, height], <see cref="Stride"/> from product to product.</summary>
    public readonly float* Left(long rowPanel) => Start + (rowPanel * _rowPanelLength);

    /// <summary>Bᵀ·d·B of a panel of channels, [products, tiles, width], <see cref="Stride"/> from product to product.</summary>
    public readonly float* Right(long columnPanel) => Start + (_rowPanels * _rowPanelLength) + (columnPanel * _panelLength);

    /// <summary>A tile's partial sums of the tree, [levels, taps, rows, columns].</summary>
    public readonly float* Slots(long rowPanel, long columnPanel) => Tile(rowPanel, columnPanel);

    /// <summary>A tile's products of the blocks before, [products, rows, columns], where leaves are longer than a block.</summary>
    public readonly float* Sums(long rowPanel, long columnPanel) => Tile(rowPanel, columnPanel) + _slots;

    /// <summary>A cache line more than [tiles, lanes] take: the products of one tile are written together, and would evict each other at a stride of 4 KB.</summary>
    public static nint Stride(int tiles, int lanes) => ((nint)tiles * lanes) + CacheLine;

    private readonly float* Tile(long rowPanel, long columnPanel) =>
        Start + (_rowPanels * _rowPanelLength) + (_columnPanels * _panelLength) + (((columnPanel * _rowPanels) + rowPanel) * (_slots + _sums));
}
