using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>
/// Computes the sums of a <see cref="WinogradPlan"/> for all samples, a panel of tiles at a time: its transformed source stays in the cache while all weights go by it. Members share out
/// panels, and where there are too few, the rows of each.
/// </summary>
internal unsafe struct WinogradJob<TIsa, TVector> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    public ComputeCrew Crew;
    public WinogradPlan Plan;
    public int Samples;

    /// <summary>See <see cref="WinogradPacking{TIsa, TVector}"/>.</summary>
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
        var runs = new ReadOnlySpan<TileRun>(found, FindRuns(first, lanes, found));
        for (int channel = 0; channel < depth; channel++)
        {
            TileWindows.Read(Plan, Input, (group * depth) + channel, runs, memory.Windows, width, memory.Line);
            // What the lanes hold that are no tiles goes into products that nobody reads.
            TransformWindows(memory.Windows, width, memory.Source + ((nint)channel * width), (nint)depth * width);
        }

        float* packed = Packed + ((nint)group * TileShape<TIsa, TVector>.PaddedRows(Plan.Rows) * WinogradPlan.Products * depth);
        for (int panel = (int)rowPanels.Start; panel < rowPanels.End; panel++)
        {
            int row = panel * TileShape<TIsa, TVector>.Rows;
            int height = TileShape<TIsa, TVector>.HeightFor(Plan.Rows - row);
            Multiply(packed + ((nint)row * WinogradPlan.Products * depth), height, width, memory);
            int rows = Math.Min(height, Plan.Rows - row);
            for (int i = 0; i < rows; i++)
            {
                int channel = (group * Plan.Rows) + row + i;
                TransformProducts(memory.Sums + ((nint)i * width), (nint)height * width, Bias is null ? 0 : Bias[channel], Bias is not null, width, memory.Places);
                TileWindows.Write(Plan, memory.Places, width, channel, runs, Output);
            }
        }
    }

    // The 16 matrix products of some rows: [height, depth] × [depth, width].
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Multiply(float* packed, int height, int width, in WinogradMemory memory)
    {
        int depth = Plan.Depth;
        float* source = memory.Source;
        var step = default(TileStep);
        for (int i = 0; i < WinogradPlan.Products; i++)
        {
            var target = new TileTarget { Output = memory.Sums + ((nint)i * height * width), Stride = width };
            for (int start = 0; start < depth; start += MatrixProduct.BlockLength)
            {
                step.Depth = Math.Min(MatrixProduct.BlockLength, depth - start);
                target.Continues = start > 0;
                Tiles<TIsa, TVector>.Compute(height, width, &step, 1, null, packed + ((nint)start * height), source + ((nint)start * width), width, target);
            }
            packed += (nint)height * depth;
            source += (nint)depth * width;
        }
    }

    private readonly int FindRuns(long first, int lanes, TileRun* runs)
    {
        int count = 0;
        (int sample, int tile) = ((int)(first / Plan.Tiles), (int)(first % Plan.Tiles));
        for (int lane = 0; lane < lanes;)
        {
            (int row, int column) = (tile / Plan.TileColumns, tile % Plan.TileColumns);
            int length = Math.Min(Plan.TileColumns - column, lanes - lane);
            runs[count++] = new TileRun(sample, row, column, length, lane);
            lane += length;
            tile += length;
            if (tile == Plan.Tiles)
                (sample, tile) = (sample + 1, 0);
        }
        return count;
    }

    /// <summary>Bᵀ·d·B, lane by lane.</summary>
    /// <param name="windows">d [4, 4, width].</param>
    /// <param name="width">Lanes.</param>
    /// <param name="result">The first of the 16 results' lanes.</param>
    /// <param name="stride">From one result to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransformWindows(float* windows, int width, float* result, nint stride)
    {
        for (int lane = 0; lane < width; lane += TIsa.Width)
        {
            for (int column = 0; column < WinogradPlan.WindowSize; column++)
            {
                float* d = windows + ((nint)column * width) + lane;
                nint down = (nint)WinogradPlan.WindowSize * width;
                TVector d0 = TIsa.Load(d), d1 = TIsa.Load(d + down), d2 = TIsa.Load(d + (2 * down)), d3 = TIsa.Load(d + (3 * down));
                TIsa.Store(d, TIsa.Subtract(d0, d2));
                TIsa.Store(d + down, TIsa.Add(d1, d2));
                TIsa.Store(d + (2 * down), TIsa.Subtract(d2, d1));
                TIsa.Store(d + (3 * down), TIsa.Subtract(d1, d3));
            }
            float* to = result + lane;
            for (int row = 0; row < WinogradPlan.WindowSize; row++, to += WinogradPlan.WindowSize * stride)
            {
                float* t = windows + ((nint)row * WinogradPlan.WindowSize * width) + lane;
                TVector t0 = TIsa.Load(t), t1 = TIsa.Load(t + width), t2 = TIsa.Load(t + (2 * (nint)width)), t3 = TIsa.Load(t + (3 * (nint)width));
                TIsa.Store(to, TIsa.Subtract(t0, t2));
                TIsa.Store(to + stride, TIsa.Add(t1, t2));
                TIsa.Store(to + (2 * stride), TIsa.Subtract(t2, t1));
                TIsa.Store(to + (3 * stride), TIsa.Subtract(t1, t3));
            }
        }
    }

    /// <summary>Aᵀ·m·A and the bias, lane by lane.</summary>
    /// <param name="sums">m: the first of the 16 products' lanes.</param>
    /// <param name="stride">From one product to the next.</param>
    /// <param name="bias">What is added.</param>
    /// <param name="hasBias">Whether it is.</param>
    /// <param name="width">Lanes.</param>
    /// <param name="places">[2, 2, width], written.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransformProducts(float* sums, nint stride, float bias, bool hasBias, int width, float* places)
    {
        TVector added = TIsa.Broadcast(bias);
        for (int lane = 0; lane < width; lane += TIsa.Width)
        {
            float* m = sums + lane;
            SumColumn(m, stride, out TVector top0, out TVector bottom0);
            SumColumn(m + stride, stride, out TVector top1, out TVector bottom1);
            SumColumn(m + (2 * stride), stride, out TVector top2, out TVector bottom2);
            SumColumn(m + (3 * stride), stride, out TVector top3, out TVector bottom3);
            TVector y00 = TIsa.Add(TIsa.Add(top0, top1), top2), y01 = TIsa.Subtract(TIsa.Subtract(top1, top2), top3);
            TVector y10 = TIsa.Add(TIsa.Add(bottom0, bottom1), bottom2), y11 = TIsa.Subtract(TIsa.Subtract(bottom1, bottom2), bottom3);
            TIsa.Store(places + lane, hasBias ? TIsa.Add(y00, added) : y00);
            TIsa.Store(places + width + lane, hasBias ? TIsa.Add(y01, added) : y01);
            TIsa.Store(places + (2 * (nint)width) + lane, hasBias ? TIsa.Add(y10, added) : y10);
            TIsa.Store(places + (3 * (nint)width) + lane, hasBias ? TIsa.Add(y11, added) : y11);
        }
    }

    // A column of Aᵀ·m.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SumColumn(float* m, nint stride, out TVector top, out TVector bottom)
    {
        nint down = WinogradPlan.WindowSize * stride;
        TVector m1 = TIsa.Load(m + down), m2 = TIsa.Load(m + (2 * down));
        top = TIsa.Add(TIsa.Add(TIsa.Load(m), m1), m2);
        bottom = TIsa.Subtract(TIsa.Subtract(m1, m2), TIsa.Load(m + (3 * down)));
    }
}

/// <summary>What one member keeps while it computes.</summary>
internal unsafe struct WinogradMemory
{
    private readonly long _windows;
    private readonly long _source;
    private readonly long _sums;
    private readonly long _places;

    /// <param name="plan">What is computed.</param>
    /// <param name="rows">Rows of a tile of the product.</param>
    /// <param name="width">Its columns: tiles of the plan.</param>
    public WinogradMemory(WinogradPlan plan, int rows, int width)
    {
        _windows = (long)WinogradPlan.Products * width;
        _source = (long)WinogradPlan.Products * plan.Depth * width;
        _sums = (long)WinogradPlan.Products * rows * width;
        _places = (long)WinogradPlan.TileSize * WinogradPlan.TileSize * width;
        Length = _windows + _source + _sums + _places + (WinogradPlan.TileSize * ((long)width + 1));
    }

    /// <summary>Numbers of all together.</summary>
    public long Length { get; }

    /// <summary>What the tiles see of one channel, [4, 4, width].</summary>
    public float* Windows { get; private set; }

    /// <summary>The transformed source of all channels, [16, depth, width].</summary>
    public float* Source { get; private set; }

    /// <summary>The products of some rows, [16, rows, width].</summary>
    public float* Sums { get; private set; }

    /// <summary>The places of the result of one row, [2, 2, width].</summary>
    public float* Places { get; private set; }

    /// <summary>A row of the source with its zeros, as far as a panel's tiles see it.</summary>
    public float* Line { get; private set; }

    public void Place(float* memory)
    {
        Source = memory;
        Windows = Source + _source;
        Sums = Windows + _windows;
        Places = Sums + _sums;
        Line = Places + _places;
    }
}
