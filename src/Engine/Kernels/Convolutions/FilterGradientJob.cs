using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>
/// Goes along the places block by block. Of each block the gradients and what the taps see are laid out once, and all tiles of the result
/// take it; a tile's partial sums of the tree wait in slots of its own. Members share out subtrees of the leaves, or the tiles.
/// </summary>
internal unsafe struct FilterGradientJob<TIsa, TVector> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    // Numbers of a slot of all tiles that are computed together: 2 MiB.
    private const int NumbersTogether = 512 * 1024;

    public ComputeCrew Crew;
    public GatherSet Set;

    /// <summary>Leaf i of the result's node holds the samples from entry i up to entry i + 1.</summary>
    public int* Bounds;

    public int Leaves;

    /// <summary>Subtrees that are summed apart, into <see cref="PartResults"/>; 1 for none.</summary>
    public int Parts;

    public float* Images;
    public float* Gradients;
    public float* Result;
    public float* PartResults;

    /// <summary>Numbers of a subtree's result.</summary>
    public long PartLength;

    private readonly GatherPlan Plan => Set.Plans[0];

    public readonly void Execute(int member, int members)
    {
        int rowPanels = TileShape<TIsa, TVector>.RowPanels(Set.GroupRows), columnPanels = TileShape<TIsa, TVector>.ColumnPanels(Plan.Depth);
        if (Parts == 1)
        {
            (WorkRange rows, WorkRange columns) = TileGrid.Of(rowPanels, columnPanels, members).PartOf(member);
            if (rows.Count * columns.Count > 0)
                Sum(member, 0, Leaves, rows, columns, Result);
            return;
        }
        for (int part = member; part < Parts; part += members)
            Sum(member, Leaves / Parts * part, Leaves / Parts, new WorkRange(0, rowPanels), new WorkRange(0, columnPanels), PartResults + (part * PartLength));
    }

    private readonly void Sum(int member, int firstLeaf, int leaves, WorkRange rows, WorkRange columns, float* result)
    {
        int together = (int)Math.Clamp(NumbersTogether / (rows.Count * TileShape<TIsa, TVector>.Size), 1, columns.Count);
        var sizes = new FilterGradientSizes(Set, new ReadOnlySpan<int>(Bounds + firstLeaf, leaves + 1), TileShape<TIsa, TVector>.Size, TileShape<TIsa, TVector>.Columns)
        {
            Tiles = (int)rows.Count * together,
            Rows = (int)rows.Count * TileShape<TIsa, TVector>.Rows,
            ColumnsTogether = together * TileShape<TIsa, TVector>.Columns,
        };
        var memory = new FilterGradientMemory(Crew.MemberScratch(member, sizes.Length), sizes);
        for (int leaf = 0; leaf <= leaves; leaf++)
            memory.PlaceBounds[leaf] = checked(Bounds[firstLeaf + leaf] * Plan.Places);
        LeafSchedule.Fill(new ReadOnlySpan<int>(memory.PlaceBounds, leaves + 1), memory.Steps);
        for (int group = 0; group < Set.Groups; group++)
        {
            for (long first = columns.Start; first < columns.End; first += together)
                SumPanels(group, rows, new WorkRange(first, Math.Min(columns.End, first + together)), sizes, memory, result);
        }
    }

    /// <summary>All steps of a few column panels of one group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void SumPanels(int group, WorkRange rows, WorkRange columns, in FilterGradientSizes sizes, in FilterGradientMemory memory, float* result)
    {
        int firstTap = (int)columns.Start * TileShape<TIsa, TVector>.Columns;
        int lastTap = Math.Min(Plan.Depth, (int)columns.End * TileShape<TIsa, TVector>.Columns) - 1;
        int taps = Plan.Depth / Set.GroupChannels;
        var ring = new ImageRing(Set, Images, group, firstTap / taps, (lastTap / taps) - (firstTap / taps) + 1, memory.Copies, sizes.Ring);
        float* groupResult = result + ((nint)group * Set.WeightGroupStride);
        int place = memory.PlaceBounds[0];
        for (int done = 0, count; done < sizes.Steps; done += count)
        {
            TileStep* steps = memory.Steps + done;
            count = StepsTogether(steps, sizes.Steps - done, out int depth);
            bool isLast = done + count == sizes.Steps;
            // Where all leaves are taken together no tile's partial sums wait for others, and they stay in the first-level cache.
            nint slotsOfTile = count == sizes.Steps ? 0 : (nint)sizes.Slots * TileShape<TIsa, TVector>.Size;
            int runs = FindRuns(ref ring, place, depth, memory.Runs);
            PackGradients(group, rows, place, depth, memory.Left);
            for (int j = (int)columns.Start; j < columns.End; j++)
            {
                int first = j * TileShape<TIsa, TVector>.Columns;
                int lanes = Math.Min(TileShape<TIsa, TVector>.Columns, Plan.Depth - first);
                int width = TileShape<TIsa, TVector>.WidthFor(lanes);
                TapPacking.Pack(memory.Runs, runs, Plan.Offsets + first, lanes, width, memory.Right);
                for (int i = (int)rows.Start; i < rows.End; i++)
                {
                    nint tile = (nint)((i - rows.Start) + ((j - columns.Start) * rows.Count));
                    float* slots = memory.Slots + (tile * slotsOfTile);
                    nint row = (nint)(i - rows.Start) * TileShape<TIsa, TVector>.Rows;
                    MultiplyTile(steps, count, isLast, i, first, lanes, width, slots, memory.Left + (row * depth), memory.Right, groupResult);
                }
            }
            place += depth;
        }
    }

    /// <summary>How many steps are done at once: as many short leaves as a block holds.</summary>
    private static int StepsTogether(TileStep* steps, int most, out int depth)
    {
        depth = steps[0].Depth;
        int count = 1;
        for (; count < most && depth + steps[count].Depth <= MatrixProduct.BlockLength; count++)
            depth += steps[count].Depth;
        return count;
    }

    private readonly void MultiplyTile(TileStep* steps, int count, bool isLast, int i, int column, int lanes, int width, float* slots, float* left, float* right, float* result)
    {
        int row = i * TileShape<TIsa, TVector>.Rows;
        int height = TileShape<TIsa, TVector>.HeightFor(Set.GroupRows - row);
        var tile = new OutputTile(result + ((nint)row * Plan.Depth) + column, Plan.Depth, Math.Min(height, Set.GroupRows - row), lanes);
        bool isWhole = isLast && tile.Fills(height, width);
        TileTarget target = isWhole ? tile.Whole() : OutputTile.Edge(isLast ? slots : slots + ((nint)steps[count - 1].Slot * TileShape<TIsa, TVector>.Size), width);
        Tiles<TIsa, TVector>.Compute(height, width, steps, count, slots, left, right, target);
        if (isLast && !isWhole)
            tile.CopyFrom(slots, width);
    }

    /// <summary>Which rows of which samples a step's places lie in.</summary>
    private readonly int FindRuns(ref ImageRing ring, int place, int depth, TapRun* runs)
    {
        int count = 0;
        for (int at = 0; at < depth; count++)
        {
            int sample = (place + at) / Plan.Places, within = (place + at) % Plan.Places;
            int row = within / Plan.Columns, column = within % Plan.Columns;
            int length = Math.Min(depth - at, Plan.Columns - column);
            runs[count] = new TapRun { Start = at, Length = length, Source = ring.Sample(sample) + ((nint)row * Plan.SourcePitch) + column };
            at += length;
        }
        return count;
    }

    private readonly void PackGradients(int group, WorkRange rows, int place, int depth, float* left)
    {
        bool lanesAdjacent = Plan.ResultStep != 1;
        nint stride = lanesAdjacent ? Plan.ResultStep : Set.Result.ChannelStride;
        for (int at = 0; at < depth;)
        {
            int sample = (place + at) / Plan.Places, within = (place + at) % Plan.Places;
            int length = Math.Min(depth - at, Plan.Places - within);
            float* source = Gradients + ((nint)sample * Set.Result.Length) + ((nint)within * Plan.ResultStep);
            for (int i = (int)rows.Start; i < rows.End; i++)
            {
                int row = i * TileShape<TIsa, TVector>.Rows;
                int height = TileShape<TIsa, TVector>.HeightFor(Set.GroupRows - row);
                nint panel = (nint)(i - rows.Start) * TileShape<TIsa, TVector>.Rows * depth;
                PanelPacking.Pack(
                    source + (((nint)group * Set.GroupRows) + row) * Set.Result.ChannelStride, stride, lanesAdjacent,
                    Math.Min(height, Set.GroupRows - row), height, length, left + panel + ((nint)at * height));
            }
            at += length;
        }
    }
}
