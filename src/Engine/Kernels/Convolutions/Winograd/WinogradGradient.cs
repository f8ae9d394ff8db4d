using System.Numerics;
using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>
/// The gradient of the filters of a convolution with a <see cref="WinogradPlan"/>: ∂L/∂g = Gᵀ[Σ over the tiles of a leaf of (A·∂L/∂Y·Aᵀ) ⊙ (Bᵀ·d·B)]G, the transposed of the forward pass. The sums are 16 matrix
/// products, k over the leaf's tiles in blocks of <see cref="WinogradPlan.BlockTiles"/>; the leaves are added as a balanced binary tree after Gᵀ…G, for it is gradients of weights that other nodes of the tree are.
/// </summary>
internal static unsafe class WinogradGradient<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    private const int MemorySlot = 1;

    public static void SumLeaves(ComputeCrew crew, WinogradPlan plan, ReadOnlySpan<int> leafBounds, float* images, float* gradients, float* result)
    {
        var leaves = new GradientLeaves(leafBounds, plan.Tiles);
        var memory = new GradientMemory(leaves, TileShape<TIsa, TVector>.RowPanels(plan.Rows), TileShape<TIsa, TVector>.ColumnPanels(plan.Depth), TileShape<TIsa, TVector>.Rows, TileShape<TIsa, TVector>.Columns);
        memory.Place(crew.SharedScratch(MemorySlot, memory.Length));
        fixed (int* bounds = leafBounds)
        {
            leaves.Bounds = bounds;
            for (int group = 0; group < plan.Groups; group++)
            {
                for (int first = 0; first < leaves.Count; first += leaves.Together)
                {
                    long begin = leaves.TileOf(first), end = leaves.TileOf(first + leaves.Together);
                    // Where a leaf is longer than a block, it is a block after another; where it is none, it has an empty one.
                    int most = leaves.HasLong ? WinogradPlan.BlockTiles : WinogradPlan.TilesTogether;
                    for (long tile = begin; tile == begin || tile < end; tile += most)
                    {
                        int tiles = (int)Math.Min(most, end - tile);
                        var transform = new GradientOperandJob<TIsa, TVector> { Crew = crew, Plan = plan, Memory = memory, Group = group, FirstTile = tile, Tiles = tiles, Images = images, Gradients = gradients };
                        crew.Run(ref transform);
                        var multiply = new GradientProductJob<TIsa, TVector>
                        {
                            Crew = crew, Plan = plan, Memory = memory, Leaves = leaves, Group = group, FirstLeaf = first, FirstTile = tile, Tiles = tiles,
                            Continues = tile > begin, IsLast = tile + tiles >= end, Result = result,
                        };
                        crew.Run(ref multiply);
                    }
                }
            }
        }
    }
}

/// <summary>The leaves of a tree in tiles, and how many are taken together.</summary>
internal unsafe struct GradientLeaves
{
    private readonly int _tilesOfSample;

    public GradientLeaves(ReadOnlySpan<int> bounds, int tilesOfSample)
    {
        _tilesOfSample = tilesOfSample;
        Count = bounds.Length - 1;
        for (int leaf = 0; leaf < Count; leaf++)
            HasLong |= (long)(bounds[leaf + 1] - bounds[leaf]) * tilesOfSample > WinogradPlan.BlockTiles;
        while (!HasLong && Levels < BitOperations.Log2((uint)Count) && Fit(bounds, 2 * Together))
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

    private readonly bool Fit(ReadOnlySpan<int> bounds, int together)
    {
        for (int leaf = 0; leaf < Count; leaf += together)
        {
            if ((long)(bounds[leaf + together] - bounds[leaf]) * _tilesOfSample > WinogradPlan.TilesTogether)
                return false;
        }
        return true;
    }
}

/// <summary>Memory that the members share.</summary>
internal unsafe struct GradientMemory
{
    private readonly long _panelLength;
    private readonly long _rowPanelLength;
    private readonly long _rowPanels;
    private readonly long _columnPanels;
    private readonly long _slots;
    private readonly long _sums;

    public GradientMemory(in GradientLeaves leaves, int rowPanels, int columnPanels, int rows, int columns)
    {
        (_rowPanels, _columnPanels) = (rowPanels, columnPanels);
        long tileSize = (long)rows * columns;
        _rowPanelLength = (long)WinogradPlan.Products * WinogradPlan.TilesTogether * rows;
        _panelLength = (long)WinogradPlan.Products * WinogradPlan.TilesTogether * columns;
        // A slot for each level of the tree above what is taken together.
        _slots = (BitOperations.Log2((uint)leaves.Count) - leaves.Levels + 1) * WinogradPlan.Taps * WinogradPlan.Taps * tileSize;
        _sums = leaves.HasLong ? WinogradPlan.Products * tileSize : 0;
        Length = (_rowPanels * _rowPanelLength) + (_columnPanels * _panelLength) + ((long)rowPanels * columnPanels * (_slots + _sums));
    }

    /// <summary>Numbers of all together.</summary>
    public long Length { get; }

    private float* Start { get; set; }

    public void Place(float* memory) => Start = memory;

    /// <summary>A·∂L/∂Y·Aᵀ of a panel of filters, [16, tiles, height].</summary>
    public readonly float* Left(long rowPanel) => Start + (rowPanel * _rowPanelLength);

    /// <summary>Bᵀ·d·B of a panel of channels, [16, tiles, width].</summary>
    public readonly float* Right(long columnPanel) => Start + (_rowPanels * _rowPanelLength) + (columnPanel * _panelLength);

    /// <summary>A tile's partial sums of the tree, [levels, 9, rows, columns].</summary>
    public readonly float* Slots(long rowPanel, long columnPanel) => Tile(rowPanel, columnPanel);

    /// <summary>A tile's products of the blocks before, [16, rows, columns], where leaves are longer than a block.</summary>
    public readonly float* Sums(long rowPanel, long columnPanel) => Tile(rowPanel, columnPanel) + _slots;

    private readonly float* Tile(long rowPanel, long columnPanel) =>
        Start + (_rowPanels * _rowPanelLength) + (_columnPanels * _panelLength) + (((columnPanel * _rowPanels) + rowPanel) * (_slots + _sums));
}

/// <summary>Transforms a block's tiles of the images and of the features' gradients, and lays them out as the tiles of the products read them. Members share out panels of channels and filters.</summary>
internal unsafe struct GradientOperandJob<TIsa, TVector> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    private const int Strip = 32;

    public ComputeCrew Crew;
    public WinogradPlan Plan;
    public GradientMemory Memory;
    public int Group;
    public long FirstTile;
    public int Tiles;
    public float* Images;
    public float* Gradients;

    public readonly void Execute(int member, int members)
    {
        int rowPanels = TileShape<TIsa, TVector>.RowPanels(Plan.Rows), columnPanels = TileShape<TIsa, TVector>.ColumnPanels(Plan.Depth);
        int most = Math.Max(TileShape<TIsa, TVector>.Rows, TileShape<TIsa, TVector>.Columns);
        float* transformed = Crew.MemberScratch(member, ((long)most + 1) * WinogradPlan.Products * Strip + (2 * (Strip + 1)));
        float* windows = transformed + ((nint)most * WinogradPlan.Products * Strip), line = windows + (WinogradPlan.Products * Strip);
        // A filter costs less than a channel, whose tiles see more.
        WorkRange columns = WorkRange.Of(columnPanels, member, members), rows = WorkRange.Of(rowPanels, member, members);
        TileRun* runs = stackalloc TileRun[Strip];
        for (int first = 0; first < Tiles; first += Strip)
        {
            int lanes = Math.Min(Strip, Tiles - first);
            var found = new ReadOnlySpan<TileRun>(runs, Plan.FindRuns(FirstTile + first, lanes, runs));
            for (int j = (int)columns.Start; j < columns.End; j++)
            {
                int channel = j * TileShape<TIsa, TVector>.Columns;
                int count = Math.Min(TileShape<TIsa, TVector>.Columns, Plan.Depth - channel), width = TileShape<TIsa, TVector>.WidthFor(count);
                for (int i = 0; i < count; i++)
                {
                    TileWindows.Read(Plan.Source, Plan.Window, Images, (Group * Plan.Depth) + channel + i, found, windows, Strip, line);
                    WinogradTransform<TIsa, TVector>.Windows(windows, Strip, transformed + ((nint)i * WinogradPlan.Products * Strip), Strip);
                }
                Pack(transformed, count, width, lanes, Memory.Right(j) + ((nint)first * width), (nint)Tiles * width);
            }
            for (int j = (int)rows.Start; j < rows.End; j++)
            {
                int filter = j * TileShape<TIsa, TVector>.Rows;
                int height = TileShape<TIsa, TVector>.HeightFor(Plan.Rows - filter), count = Math.Min(height, Plan.Rows - filter);
                for (int i = 0; i < count; i++)
                {
                    TileWindows.Read(Plan.Result, new TileWindow(WinogradPlan.TileSize, 0, 0), Gradients, (Group * Plan.Rows) + filter + i, found, windows, Strip, line);
                    WinogradTransform<TIsa, TVector>.Places(windows, Strip, transformed + ((nint)i * WinogradPlan.Products * Strip), Strip);
                }
                Pack(transformed, count, height, lanes, Memory.Left(j) + ((nint)first * height), (nint)Tiles * height);
            }
        }
    }

    private static void Pack(float* transformed, int lanes, int width, int depth, float* panel, nint stride)
    {
        for (int i = 0; i < WinogradPlan.Products; i++)
            PanelPacking.Pack(transformed + (i * Strip), WinogradPlan.Products * Strip, lanesAdjacent: false, lanes, width, depth, panel + (i * stride));
    }
}

/// <summary>Multiplies a block's operands, and where a leaf ends, transforms its sums and adds them into the tree. Members share out tiles of the products.</summary>
internal unsafe struct GradientProductJob<TIsa, TVector> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    private const int FilterTaps = WinogradPlan.Taps * WinogradPlan.Taps;

    public ComputeCrew Crew;
    public WinogradPlan Plan;
    public GradientMemory Memory;
    public GradientLeaves Leaves;
    public int Group;
    public int FirstLeaf;
    public long FirstTile;
    public int Tiles;

    /// <summary>Whether the block's only leaf had blocks before.</summary>
    public bool Continues;

    /// <summary>Whether the block's leaves end with it.</summary>
    public bool IsLast;

    public float* Result;

    public readonly void Execute(int member, int members)
    {
        (WorkRange rows, WorkRange columns) = TileGrid.Of(TileShape<TIsa, TVector>.RowPanels(Plan.Rows), TileShape<TIsa, TVector>.ColumnPanels(Plan.Depth), members).PartOf(member);
        if (rows.Count * columns.Count == 0)
            return;
        long slot = (long)FilterTaps * TileShape<TIsa, TVector>.Size;
        float* sums = Crew.MemberScratch(member, ((long)WinogradPlan.Products * TileShape<TIsa, TVector>.Size) + ((Leaves.Levels + 1) * slot));
        float* taps = sums + ((nint)WinogradPlan.Products * TileShape<TIsa, TVector>.Size), local = taps + slot;
        for (int j = (int)columns.Start; j < columns.End; j++)
        {
            for (int i = (int)rows.Start; i < rows.End; i++)
                SumTile(i, j, Leaves.HasLong ? Memory.Sums(i, j) : sums, taps, local);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void SumTile(int rowPanel, int columnPanel, float* sums, float* taps, float* local)
    {
        int row = rowPanel * TileShape<TIsa, TVector>.Rows, column = columnPanel * TileShape<TIsa, TVector>.Columns;
        int height = TileShape<TIsa, TVector>.HeightFor(Plan.Rows - row), width = TileShape<TIsa, TVector>.WidthFor(Plan.Depth - column);
        nint size = (nint)height * width;
        float* slots = Memory.Slots(rowPanel, columnPanel);
        for (int number = 0; number < Leaves.Together; number++)
        {
            int leaf = FirstLeaf + number;
            nint start = (nint)(Math.Max(FirstTile, Leaves.TileOf(leaf)) - FirstTile), depth = (nint)(Math.Min(FirstTile + Tiles, Leaves.TileOf(leaf + 1)) - FirstTile) - start;
            Multiply(Memory.Left(rowPanel) + (start * height), Memory.Right(columnPanel) + (start * width), height, width, (int)depth, sums);
            if (!IsLast)
                continue;
            WinogradTransform<TIsa, TVector>.Filters(sums, size, taps);
            // Leaf number …0111 completes three nodes. The lower levels' sums wait in the first-level cache: what is taken together completes them.
            int complete = BitOperations.TrailingZeroCount(~leaf);
            for (int level = 0; level < complete; level++)
                VectorMath.Add(Slot(level, slots, local), taps, taps, FilterTaps * size);
            if (leaf == Leaves.Count - 1)
                Write(taps, row, column, height, width);
            else
                Buffer.MemoryCopy(taps, Slot(complete, slots, local), FilterTaps * size * sizeof(float), FilterTaps * size * sizeof(float));
        }
    }

    private readonly float* Slot(int level, float* slots, float* local) =>
        level < Leaves.Levels ? local + ((nint)level * FilterTaps * TileShape<TIsa, TVector>.Size) : slots + ((nint)(level - Leaves.Levels) * FilterTaps * TileShape<TIsa, TVector>.Size);

    // The 16 products of one leaf's part of the block.
    private readonly void Multiply(float* left, float* right, int height, int width, int depth, float* sums)
    {
        var step = new TileStep { Depth = depth };
        for (int i = 0; i < WinogradPlan.Products; i++)
        {
            var target = new TileTarget { Output = sums, Stride = width, Continues = Continues };
            Kernels.Tiles<TIsa, TVector>.Compute(height, width, &step, 1, null, left, right, width, target);
            left += (nint)Tiles * height;
            right += (nint)Tiles * width;
            sums += (nint)height * width;
        }
    }

    // The taps of a filter's channel lie side by side.
    private readonly void Write(float* taps, int row, int column, int height, int width)
    {
        nint size = (nint)height * width;
        int rows = Math.Min(height, Plan.Rows - row), columns = Math.Min(width, Plan.Depth - column);
        for (int i = 0; i < rows; i++)
        {
            float* to = Result + ((nint)Group * Plan.WeightGroupStride) + ((nint)(row + i) * Plan.RowStride) + ((nint)column * Plan.DepthStride);
            float* from = taps + ((nint)i * width);
            for (int j = 0; j < columns; j++, to += FilterTaps, from++)
            {
                for (int tap = 0; tap < FilterTaps; tap++)
                    to[tap] = from[tap * size];
            }
        }
    }
}
