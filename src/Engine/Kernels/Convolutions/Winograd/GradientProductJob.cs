using System.Numerics;
using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>Multiplies a block's operands, and where a leaf ends, transforms its sums and adds them into the tree. Members share out tiles of the products.</summary>
internal unsafe struct GradientProductJob<TIsa, TVector, TFiltering> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TFiltering : struct, IMinimalFiltering
{
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
        int slabPanels = Plan.Size.SlabPanels(TileShape<TIsa, TVector>.Rows);
        nint sumsSize = (nint)Plan.Size.Products * TileShape<TIsa, TVector>.Size, slot = (nint)Plan.Size.FilterTaps * TileShape<TIsa, TVector>.Size;
        float* sums = Crew.MemberScratch(member, (slabPanels * (sumsSize + (Leaves.Levels * slot))) + slot);
        float* local = sums + (slabPanels * sumsSize), taps = local + (slabPanels * Leaves.Levels * slot);
        for (int j = (int)columns.Start; j < columns.End; j++)
        {
            for (int i = (int)rows.Start; i < rows.End; i += slabPanels)
                SumSlab(i, Math.Min(slabPanels, (int)rows.End - i), j, sums, taps, local);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void SumSlab(int firstPanel, int panels, int columnPanel, float* sums, float* taps, float* local)
    {
        for (int number = 0; number < Leaves.Together; number++)
        {
            int leaf = FirstLeaf + number;
            nint start = (nint)(Math.Max(FirstTile, Leaves.TileOf(leaf)) - FirstTile), depth = (nint)(Math.Min(FirstTile + Tiles, Leaves.TileOf(leaf + 1)) - FirstTile) - start;
            Multiply(firstPanel, panels, columnPanel, start, (int)depth, sums);
            for (int i = 0; IsLast && i < panels; i++)
                AddLeaf(leaf, firstPanel + i, columnPanel, Sums(firstPanel, i, columnPanel, sums), taps, local + ((nint)i * Leaves.Levels * Plan.Size.FilterTaps * TileShape<TIsa, TVector>.Size));
        }
    }

    // Transforms a tile's sums of a leaf, and adds them into the tree.
    private readonly void AddLeaf(int leaf, int rowPanel, int columnPanel, float* sums, float* taps, float* local)
    {
        int row = rowPanel * TileShape<TIsa, TVector>.Rows, column = columnPanel * TileShape<TIsa, TVector>.Columns;
        int height = TileShape<TIsa, TVector>.HeightFor(Plan.Rows - row), width = TileShape<TIsa, TVector>.WidthFor(Plan.Depth - column);
        nint size = (nint)height * width, length = Plan.Size.FilterTaps * size;
        float* slots = Memory.Slots(rowPanel, columnPanel);
        TFiltering.Filters<TIsa, TVector>(sums, size, taps);
        // Leaf number …0111 completes three nodes. The lower levels' sums wait in a nearer cache: what is taken together completes them.
        int complete = BitOperations.TrailingZeroCount(~leaf);
        for (int level = 0; level < complete; level++)
            VectorMath.Add(Slot(level, slots, local), taps, taps, length);
        if (leaf == Leaves.Count - 1)
            Write(taps, row, column, height, width);
        else
            Buffer.MemoryCopy(taps, Slot(complete, slots, local), length * sizeof(float), length * sizeof(float));
    }

    // Where the products of a slab's tile are summed: with blocks before, beside those.
    private readonly float* Sums(int firstPanel, int panel, int columnPanel, float* sums) =>
        Leaves.HasLong ? Memory.Sums(firstPanel + panel, columnPanel) : sums + ((nint)panel * Plan.Size.Products * TileShape<TIsa, TVector>.Size);

    private readonly float* Slot(int level, float* slots, float* local) =>
        level < Leaves.Levels ? local + ((nint)level * Plan.Size.FilterTaps * TileShape<TIsa, TVector>.Size) : slots + ((nint)(level - Leaves.Levels) * Plan.Size.FilterTaps * TileShape<TIsa, TVector>.Size);

    // The products of one leaf's part of the block.
    private readonly void Multiply(int firstPanel, int panels, int columnPanel, nint start, int depth, float* sums)
    {
        int width = TileShape<TIsa, TVector>.WidthFor(Plan.Depth - (columnPanel * TileShape<TIsa, TVector>.Columns));
        float* right = Memory.Right(columnPanel) + (start * width);
        var step = new TileStep { Depth = depth };
        for (int i = 0; i < Plan.Size.Products; i++)
        {
            for (int panel = 0; panel < panels; panel++)
            {
                int height = TileShape<TIsa, TVector>.HeightFor(Plan.Rows - ((firstPanel + panel) * TileShape<TIsa, TVector>.Rows));
                float* left = Memory.Left(firstPanel + panel) + (((nint)i * Tiles) + start) * height;
                var target = new TileTarget { Output = Sums(firstPanel, panel, columnPanel, sums) + ((nint)i * height * width), Stride = width, Continues = Continues };
                Kernels.Tiles<TIsa, TVector>.Compute(height, width, &step, 1, null, left, right, width, target);
            }
            right += (nint)Tiles * width;
        }
    }

    // The taps of a filter's channel lie side by side.
    private readonly void Write(float* taps, int row, int column, int height, int width)
    {
        nint size = (nint)height * width;
        int rows = Math.Min(height, Plan.Rows - row), columns = Math.Min(width, Plan.Depth - column), filterTaps = Plan.Size.FilterTaps;
        for (int i = 0; i < rows; i++)
        {
            float* to = Result + ((nint)Group * Plan.WeightGroupStride) + ((nint)(row + i) * Plan.RowStride) + ((nint)column * Plan.DepthStride);
            float* from = taps + ((nint)i * width);
            for (int j = 0; j < columns; j++, to += filterTaps, from++)
            {
                for (int tap = 0; tap < filterTaps; tap++)
                    to[tap] = from[tap * size];
            }
        }
    }
}
