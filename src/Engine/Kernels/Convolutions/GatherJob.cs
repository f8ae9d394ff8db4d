using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>
/// Computes a set of sums for all samples, a few samples at a time: their padded copy stays in the cache while all weights go by it.
/// Members share out samples, and where there are too few, the columns of each.
/// </summary>
internal unsafe struct GatherJob<TIsa, TVector> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    // Columns that a block of weights is used for before the next block comes.
    private const int ColumnsAtATime = 512;

    public ComputeCrew Crew;
    public GatherSet Set;
    public int Samples;

    /// <summary>See <see cref="FilterPacking{TIsa, TVector}"/>.</summary>
    public float* Packed;

    /// <summary>One number a channel of the result and a few more that are only read, or null.</summary>
    public float* Bias;

    public float* Input;
    public float* Output;

    public readonly void Execute(int member, int members)
    {
        int together = SamplesTogether(members);
        int batches = (Samples + together - 1) / together;
        int parts = Math.Min(batches, members);
        int share = members / parts;
        if (member >= parts * share)
            return;
        long copies = (long)together * Set.CopyLength;
        float* scratch = Crew.MemberScratch(member, copies + ((long)MatrixProduct.BlockLength * TileShape<TIsa, TVector>.Columns));
        WorkRange range = WorkRange.Of(batches, member / share, parts);
        for (long batch = range.Start; batch < range.End; batch++)
        {
            int first = (int)batch * together;
            ComputeSamples(first, Math.Min(together, Samples - first), member % share, share, scratch, scratch + copies);
        }
    }

    private readonly int SamplesTogether(int members)
    {
        int places = Math.Max(1, Set.MostPlaces);
        return Math.Clamp((ColumnsAtATime + places - 1) / places, 1, Math.Max(1, (Samples + members - 1) / members));
    }

    private readonly void ComputeSamples(int first, int samples, int part, int parts, float* copies, float* panel)
    {
        float* packed = Packed;
        int paddedRows = TileShape<TIsa, TVector>.PaddedRows(Set.GroupRows);
        for (int group = 0; group < Set.Groups; group++)
        {
            var source = new Source { First = Input + ((nint)first * Set.SourceLayout.Length), Stride = Set.SourceLayout.Length };
            if (Set.Source.IsCopy)
            {
                for (int i = 0; i < samples; i++)
                    Set.Source.Copy(source.First + (i * source.Stride), group * Set.GroupChannels, Set.GroupChannels, copies + ((nint)i * Set.CopyLength));
                source = new Source { First = copies, Stride = Set.CopyLength };
            }
            else
            {
                source.First += (nint)group * Set.GroupChannels * Set.Source.ChannelStride;
            }
            float* output = Output + ((nint)first * Set.Result.Length) + ((nint)group * Set.GroupRows * Set.Result.ChannelStride);
            float* bias = Bias is null ? null : Bias + (group * Set.GroupRows);
            for (int i = 0; i < Set.Plans.Length; i++)
            {
                GatherPlan plan = Set.Plans[i];
                ComputePlan(plan, samples, source, output, bias, packed, TileGrid.Of(TileShape<TIsa, TVector>.RowPanels(Set.GroupRows), TileShape<TIsa, TVector>.ColumnPanels(samples * plan.Rows * LaneColumns(plan)), parts).PartOf(part), panel);
                packed += (nint)paddedRows * plan.Depth;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void ComputePlan(GatherPlan plan, int samples, in Source source, float* output, float* bias, float* packed, (WorkRange Rows, WorkRange Columns) part, float* panel)
    {
        int paddedRows = TileShape<TIsa, TVector>.PaddedRows(Set.GroupRows);
        PanelRun* runs = stackalloc PanelRun[TileShape<TIsa, TVector>.Columns];
        int laneColumns = LaneColumns(plan), places = plan.Rows * laneColumns;
        // With no k at all one empty block still writes zeros, and adds the bias.
        for (int start = 0; start == 0 || start < plan.Depth; start += MatrixProduct.BlockLength)
        {
            int depth = Math.Min(MatrixProduct.BlockLength, plan.Depth - start);
            bool isLast = start + depth >= plan.Depth;
            float* block = packed + ((nint)start * paddedRows);
            for (int j = (int)part.Columns.Start; j < part.Columns.End; j++)
            {
                int first = j * TileShape<TIsa, TVector>.Columns;
                int lanes = Math.Min(TileShape<TIsa, TVector>.Columns, (samples * places) - first);
                var right = new RightPanel
                {
                    Runs = runs,
                    RunCount = FindRuns(plan, laneColumns, source, first, lanes, runs),
                    Lanes = lanes,
                    Width = TileShape<TIsa, TVector>.WidthFor(lanes),
                    Source = source.First,
                    Offsets = plan.Offsets + start,
                    Depth = depth,
                };
                right.IsDirect = IsDirect(right);
                if (!right.IsDirect)
                {
                    right.Packed = panel;
                    PlacePacking.Pack(right, panel);
                }
                bool isDense = plan.IsResultDense && laneColumns == plan.Columns && lanes == right.Width && (first / places) == ((first + lanes - 1) / places);
                ComputePanel(right, block, output, start > 0, isLast ? bias : null, isDense, plan.ResultStep, part.Rows);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void ComputePanel(in RightPanel right, float* block, float* output, bool continues, float* bias, bool isDense, nint step, WorkRange rowPanels)
    {
        float* edge = stackalloc float[TileShape<TIsa, TVector>.Size];
        float** places = stackalloc float*[3];
        if (right.IsDirect)
            FindPlaces(right, places);
        var tileStep = new TileStep { Depth = right.Depth };
        nint channel = Set.Result.ChannelStride;
        for (int i = (int)rowPanels.Start; i < rowPanels.End; i++)
        {
            int row = i * TileShape<TIsa, TVector>.Rows;
            int height = TileShape<TIsa, TVector>.HeightFor(Set.GroupRows - row);
            int rows = Math.Min(height, Set.GroupRows - row);
            bool isWhole = isDense && rows == height;
            float* first = output + (row * channel);
            var target = new TileTarget
            {
                Output = isWhole ? first + right.Runs[0].Result : edge,
                Stride = isWhole ? channel : right.Width,
                Continues = continues,
                RowBias = bias is null ? null : bias + row,
            };
            if (!isWhole && continues)
                CopyRuns(right, first, channel, step, rows, edge, toOutput: false);
            float* a = block + ((nint)row * right.Depth);
            if (right.IsDirect)
                GatherTiles<TIsa, TVector>.Compute(height, right.Width, right.Depth, a, right.Offsets, places, target);
            else
                Tiles<TIsa, TVector>.Compute(height, right.Width, &tileStep, 1, null, a, right.Packed, target);
            if (!isWhole)
                CopyRuns(right, first, channel, step, rows, edge, toOutput: true);
        }
    }

    /// <summary>
    /// Lanes for a row of the grid. Where few rows of weights use a panel, laying it out costs as much as they do: better have whole vectors for each row of the
    /// grid and read it where it lies, though the lanes after the last place are computed in vain.
    /// </summary>
    private readonly int LaneColumns(GatherPlan plan)
    {
        int whole = (plan.Columns + TIsa.Width - 1) / TIsa.Width * TIsa.Width;
        // What such lanes read lies in the copy, or in the scratch memory behind it.
        bool isWorthIt = Set.Source.IsCopy && (long)(whole - plan.Columns) * TileShape<TIsa, TVector>.PaddedRows(Set.GroupRows) < (long)plan.Columns * TIsa.Width;
        return isWorthIt ? whole : plan.Columns;
    }

    private readonly int FindRuns(GatherPlan plan, int laneColumns, in Source source, int first, int lanes, PanelRun* runs)
    {
        int count = 0, places = plan.Rows * laneColumns;
        for (int lane = 0; lane < lanes; count++)
        {
            int sample = (first + lane) / places, place = (first + lane) % places;
            int row = place / laneColumns, column = place % laneColumns;
            int span = Math.Min(lanes - lane, laneColumns - column);
            runs[count] = new PanelRun
            {
                Lane = lane,
                Length = Math.Min(span, plan.Columns - column),
                Span = span,
                Source = (sample * source.Stride) + ((nint)row * plan.SourcePitch) + column,
                Result = ((nint)sample * Set.Result.Length) + plan.ResultOrigin + ((nint)row * plan.ResultPitch) + ((nint)column * plan.ResultStep),
            };
            lane += span;
        }
        return count;
    }

    // A whole panel in which no vector goes from one run to the next can be read where it lies.
    private static bool IsDirect(in RightPanel right)
    {
        if (right.Lanes != right.Width)
            return false;
        for (int i = 0; i < right.RunCount; i++)
        {
            if (right.Runs[i].Span % TIsa.Width != 0)
                return false;
        }
        return true;
    }

    private static void FindPlaces(in RightPanel right, float** places)
    {
        places[1] = places[2] = null;
        for (int i = 0; i < right.RunCount; i++)
        {
            PanelRun run = right.Runs[i];
            for (int lane = 0; lane < run.Span; lane += TIsa.Width)
                places[(run.Lane + lane) / TIsa.Width] = right.Source + run.Source + lane;
        }
    }

    private static void CopyRuns(in RightPanel right, float* output, nint channel, nint step, int rows, float* edge, bool toOutput)
    {
        for (int row = 0; row < rows; row++, output += channel, edge += right.Width)
        {
            for (int i = 0; i < right.RunCount; i++)
            {
                PanelRun run = right.Runs[i];
                float* there = output + run.Result, here = edge + run.Lane;
                if (step == 1)
                    Copy(toOutput ? here : there, toOutput ? there : here, run.Length);
                else if (toOutput)
                    Spread(here, there, step, run.Length);
                else
                    Collect(there, step, here, run.Length);
            }
        }
    }

    private static void Copy(float* from, float* to, int count)
    {
        int lane = 0;
        for (; lane + 4 <= count; lane += 4)
            Vector128.Load(from + lane).Store(to + lane);
        for (; lane < count; lane++)
            to[lane] = from[lane];
    }

    private static void Spread(float* from, float* to, nint step, int count)
    {
        for (int lane = 0; lane < count; lane++)
            to[lane * step] = from[lane];
    }

    private static void Collect(float* from, nint step, float* to, int count)
    {
        for (int lane = 0; lane < count; lane++)
            to[lane] = from[lane * step];
    }

    /// <summary>Where the samples that are computed together are read.</summary>
    private struct Source
    {
        public float* First;
        public nint Stride;
    }
}
