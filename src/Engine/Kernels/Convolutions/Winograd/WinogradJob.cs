using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>
/// Computes the sums of a <see cref="WinogradPlan"/> for all samples, a panel of tiles at a time: its transformed source stays in the cache while all weights go by it. Members share out
/// panels, and where there are too few, the rows of each.
/// </summary>
internal unsafe struct WinogradJob<TIsa, TVector, TFiltering> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TFiltering : struct, IMinimalFiltering
{
    public ComputeCrew Crew;
    public WinogradPlan Plan;
    public int Samples;

    /// <summary>See <see cref="WinogradPacking{TIsa, TVector, TFiltering}"/>.</summary>
    public float* Packed;

    /// <summary>One number a channel of the result and a few more that are only read, or null.</summary>
    public float* Bias;

    public float* Input;
    public float* Output;

    public readonly void Execute(int member, int members)
    {
        int width = TileShape<TIsa, TVector>.Columns;
        long tiles = (long)Samples * Plan.Tiles;
        long panelsOfGroup = (tiles + width - 1) / width, panels = panelsOfGroup * Plan.Groups;
        int parts = (int)Math.Min(panels, members);
        int share = members / parts;
        if (member >= parts * share)
            return;
        var memory = new WinogradMemory(Plan, TileShape<TIsa, TVector>.Rows, width);
        memory.Place(Crew.MemberScratch(member, memory.Length));
        WorkRange range = WorkRange.Of(panels, member / share, parts);
        WorkRange rows = WorkRange.Of(TileShape<TIsa, TVector>.RowPanels(Plan.Rows), member % share, share);
        for (long panel = range.Start; panel < range.End; panel++)
        {
            long first = panel % panelsOfGroup * width;
            ComputePanel((int)(panel / panelsOfGroup), first, (int)Math.Min(width, tiles - first), rows, memory);
        }
    }

    private readonly void ComputePanel(int group, long first, int lanes, WorkRange rowPanels, in WinogradMemory memory)
    {
        int width = TileShape<TIsa, TVector>.WidthFor(lanes), depth = Plan.Depth;
        TileRun* found = stackalloc TileRun[TileShape<TIsa, TVector>.Columns];
        var runs = new ReadOnlySpan<TileRun>(found, Plan.FindRuns(first, lanes, found));
        for (int channel = 0; channel < depth; channel++)
        {
            float* planes = Input + ((nint)((group * depth) + channel) * Plan.Source.ChannelStride), source = memory.Source + ((nint)channel * width);
            // What lanes after a run hold is the next run's, or the next channel's, or goes into products that nobody reads.
            foreach (ref readonly TileRun run in runs)
                TileLines<TIsa, TVector, TFiltering>.Transform(Plan.Source, Plan.Window, Plan.Size, planes + ((nint)run.Sample * Plan.Source.Length), run, memory, source, WinogradMemory.SourceStride(depth, width));
        }

        float* packed = Packed + ((nint)group * TileShape<TIsa, TVector>.PaddedRows(Plan.Rows) * Plan.Size.Products * depth);
        for (int panel = (int)rowPanels.Start; panel < rowPanels.End; panel++)
        {
            int row = panel * TileShape<TIsa, TVector>.Rows;
            int height = TileShape<TIsa, TVector>.HeightFor(Plan.Rows - row);
            Multiply(packed + ((nint)row * Plan.Size.Products * depth), height, width, memory);
            int rows = Math.Min(height, Plan.Rows - row);
            for (int i = 0; i < rows; i++)
            {
                int channel = (group * Plan.Rows) + row + i;
                TFiltering.Products<TIsa, TVector>(memory.Sums + ((nint)i * width), (nint)height * width, Bias is null ? 0 : Bias[channel], Bias is not null, width, memory.Places);
                TilePlaces.Write<TFiltering>(Plan.Result, memory.Places, width, channel, runs, Output);
            }
        }
    }

    // The matrix products of some rows: [height, depth] × [depth, width] each.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Multiply(float* packed, int height, int width, in WinogradMemory memory)
    {
        int depth = Plan.Depth, products = Plan.Size.Products, block = Plan.Size.BlockChannels;
        float* source = memory.Source;
        var step = default(TileStep);
        for (int i = 0; i < products; i++)
        {
            var target = new TileTarget { Output = memory.Sums + ((nint)i * height * width), Stride = width };
            for (int start = 0; start < depth; start += block)
            {
                step.Depth = Math.Min(block, depth - start);
                target.Continues = start > 0;
                Tiles<TIsa, TVector>.Compute(height, width, &step, 1, null, packed + ((nint)start * height), source + ((nint)start * width), target);
            }
            packed += (nint)height * depth;
            source += WinogradMemory.SourceStride(depth, width);
        }
    }
}
