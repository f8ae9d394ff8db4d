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

    private readonly int FilterTaps => Plan.Size.FilterTaps;

    // Numbers of one level of a tile's tree.
    private readonly nint SlotLength => (nint)FilterTaps * TileShape<TIsa, TVector>.Size;

    public readonly void Execute(int member, int members)
    {
        (WorkRange rows, WorkRange columns) = TileGrid.Of(TileShape<TIsa, TVector>.RowPanels(Plan.Rows), TileShape<TIsa, TVector>.ColumnPanels(Plan.Depth), members).PartOf(member);
        if (rows.Count * columns.Count == 0)
            return;
        float* sums = Crew.MemberScratch(member, ((long)Plan.Size.Products * TileShape<TIsa, TVector>.Size) + ((Leaves.Levels + 1) * (long)SlotLength));
        float* taps = sums + ((nint)Plan.Size.Products * TileShape<TIsa, TVector>.Size), local = taps + SlotLength;
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
            // Leaf number …0111 completes three nodes. The lower levels' sums wait in a near cache: what is taken together completes them.
            int complete = BitOperations.TrailingZeroCount(~leaf);
            int farSlots = IsLast ? Math.Max(complete - Leaves.Levels + (leaf == Leaves.Count - 1 ? 0 : 1), 0) : 0;
            Multiply(Memory.Left(rowPanel) + (start * height), Memory.Right(columnPanel) + (start * width), height, width, (int)depth, sums, slots, farSlots * SlotLength);
            if (!IsLast)
                continue;
            TFiltering.Gradients<TIsa, TVector>(sums, size, taps);
            for (int level = 0; level < complete; level++)
                VectorMath.Add(Slot(level, slots, local), taps, taps, FilterTaps * size);
            if (leaf == Leaves.Count - 1)
                Write(taps, row, column, height, width);
            else
                Buffer.MemoryCopy(taps, Slot(complete, slots, local), FilterTaps * size * sizeof(float), FilterTaps * size * sizeof(float));
        }
    }

    private readonly float* Slot(int level, float* slots, float* local) =>
        level < Leaves.Levels ? local + (level * SlotLength) : slots + ((level - Leaves.Levels) * SlotLength);

    // The products of one leaf's part of the block. What of the tree is wanted after them, and lies in a far cache by then, is fetched on the way.
    private readonly void Multiply(float* left, float* right, int height, int width, int depth, float* sums, float* ahead, nint aheadLength)
    {
        var step = new TileStep { Depth = depth };
        int aheadShare = (int)((aheadLength + Plan.Size.Products - 1) / Plan.Size.Products);
        for (int i = 0; i < Plan.Size.Products; i++)
        {
            var target = new TileTarget { Output = sums, Stride = width, Continues = Continues };
            Kernels.Tiles<TIsa, TVector>.Compute(height, width, &step, 1, null, left, right, target);
            CacheLines.PrefetchFar(ahead, aheadShare);
            ahead += aheadShare;
            left += GradientMemory.Stride(Tiles, height);
            right += GradientMemory.Stride(Tiles, width);
            sums += (nint)height * width;
        }
    }

    // The taps of a filter's channel lie side by side.
    private readonly void Write(float* taps, int row, int column, int height, int width)
    {
        nint size = (nint)height * width;
        int rows = Math.Min(height, Plan.Rows - row), columns = Math.Min(width, Plan.Depth - column), filterTaps = FilterTaps;
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
