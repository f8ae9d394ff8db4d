using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>Takes rows of an image apart into lanes of tiles, and puts them together again.</summary>
internal static unsafe class TileWindows
{
    /// <summary>windows[i, j, lane] = the source at row i and column j of what the lane's tile sees, or +0 outside of it.</summary>
    /// <param name="source">Where a sample's numbers lie.</param>
    /// <param name="window">What a tile sees.</param>
    /// <param name="input">[N, source].</param>
    /// <param name="channel">Which channel.</param>
    /// <param name="runs">The tiles.</param>
    /// <param name="windows">[size, size, width], written where there are tiles.</param>
    /// <param name="width">Lanes.</param>
    /// <param name="line">Memory for the longest run's row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Read<TFiltering>(ImageLayout source, TileWindow window, float* input, int channel, ReadOnlySpan<TileRun> runs, float* windows, int width, float* line)
        where TFiltering : struct, IMinimalFiltering
    {
        foreach (ref readonly TileRun run in runs)
        {
            float* plane = input + ((nint)run.Sample * source.Length) + ((nint)channel * source.ChannelStride);
            int x = (TFiltering.TileSize * run.Column) - window.Left, y = (TFiltering.TileSize * run.Row) - window.Top;
            int columns = (TFiltering.TileSize * (run.Count - 1)) + window.Size;
            float* to = windows + run.Lane;
            for (int i = 0; i < window.Size; i++, y++, to += window.Size * (nint)width)
            {
                if (y < 0 || y >= source.Height)
                {
                    for (int j = 0; j < window.Size; j++)
                        new Span<float>(to + (j * (nint)width), run.Count).Clear();
                    continue;
                }
                float* row = plane + ((nint)y * source.RowStride) + x;
                if (x < 0 || x + columns > source.Width)
                {
                    CopyPadded(row, -x, source.Width - x, columns, line);
                    row = line;
                }
                Split<TFiltering>(row, run.Count, to, width);
                if (window.Size > TFiltering.TileSize)
                    Split<TFiltering>(row + TFiltering.TileSize, run.Count, to + (TFiltering.TileSize * (nint)width), width);
            }
        }
    }

    /// <summary>Writes a row of tiles, as far as it lies in the result.</summary>
    /// <param name="result">Where a sample's numbers lie.</param>
    /// <param name="places">[m, m, width].</param>
    /// <param name="width">Lanes.</param>
    /// <param name="channel">Which channel of the result.</param>
    /// <param name="runs">The tiles.</param>
    /// <param name="output">[N, result].</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write<TFiltering>(ImageLayout result, float* places, int width, int channel, ReadOnlySpan<TileRun> runs, float* output)
        where TFiltering : struct, IMinimalFiltering
    {
        foreach (ref readonly TileRun run in runs)
        {
            int x = TFiltering.TileSize * run.Column, y = TFiltering.TileSize * run.Row;
            float* to = output + ((nint)run.Sample * result.Length) + ((nint)channel * result.ChannelStride) + ((nint)y * result.RowStride) + x;
            int columns = Math.Min(TFiltering.TileSize * run.Count, result.Width - x), rows = Math.Min(TFiltering.TileSize, result.Height - y);
            float* from = places + run.Lane;
            for (int i = 0; i < rows; i++, from += TFiltering.TileSize * (nint)width, to += result.RowStride)
            {
                if (TFiltering.TileSize == 2)
                    Interleave(from, from + width, columns, to);
                else
                    InterleaveFours(from, width, columns, to);
            }
        }
    }

    // line[j] = row[j] for j in [start, end), +0 elsewhere.
    private static void CopyPadded(float* row, int start, int end, int columns, float* line)
    {
        start = Math.Clamp(start, 0, columns);
        end = Math.Clamp(end, start, columns);
        for (int j = 0; j < start; j++)
            line[j] = 0;
        new ReadOnlySpan<float>(row + start, end - start).CopyTo(new Span<float>(line + start, end - start));
        for (int j = end; j < columns; j++)
            line[j] = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Split<TFiltering>(float* row, int count, float* to, nint width)
        where TFiltering : struct, IMinimalFiltering
    {
        if (TFiltering.TileSize == 2)
            SplitPairs(row, count, to, width);
        else
            SplitFours(row, count, to, width);
    }

    // to[j, lane] = row[2·lane + j] for j in [0, 2).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SplitPairs(float* row, int count, float* to, nint width)
    {
        int lane = 0;
        if (Sse.IsSupported)
        {
            const byte Even = 0b10_00_10_00, Odd = 0b11_01_11_01;
            for (; lane + 4 <= count; lane += 4)
            {
                Vector128<float> a = Vector128.Load(row + (2 * lane)), b = Vector128.Load(row + (2 * lane) + 4);
                Sse.Shuffle(a, b, Even).Store(to + lane);
                Sse.Shuffle(a, b, Odd).Store(to + width + lane);
            }
        }
        for (; lane < count; lane++)
        {
            to[lane] = row[2 * lane];
            to[width + lane] = row[(2 * lane) + 1];
        }
    }

    // to[j, lane] = row[4·lane + j] for j in [0, 4).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SplitFours(float* row, int count, float* to, nint width)
    {
        int lane = 0;
        if (Sse.IsSupported)
        {
            for (; lane + 4 <= count; lane += 4)
            {
                float* from = row + (4 * lane);
                Transpose(Vector128.Load(from), Vector128.Load(from + 4), Vector128.Load(from + 8), Vector128.Load(from + 12), to + lane, width);
            }
        }
        for (; lane < count; lane++)
        {
            for (int j = 0; j < 4; j++)
                to[(j * width) + lane] = row[(4 * lane) + j];
        }
    }

    // to[4·i + j] = from[j, i].
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InterleaveFours(float* from, nint width, int columns, float* to)
    {
        int column = 0;
        if (Sse.IsSupported)
        {
            for (; column + 16 <= columns; column += 16)
            {
                float* lane = from + (column / 4);
                Transpose(Vector128.Load(lane), Vector128.Load(lane + width), Vector128.Load(lane + (2 * width)), Vector128.Load(lane + (3 * width)), to + column, 4);
            }
        }
        for (; column < columns; column++)
            to[column] = from[(column % 4 * width) + (column / 4)];
    }

    // to[j, i] = the j-th number of vector i.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d, float* to, nint stride)
    {
        Vector128<float> lowA = Sse.UnpackLow(a, b), highA = Sse.UnpackHigh(a, b), lowC = Sse.UnpackLow(c, d), highC = Sse.UnpackHigh(c, d);
        Sse.MoveLowToHigh(lowA, lowC).Store(to);
        Sse.MoveHighToLow(lowC, lowA).Store(to + stride);
        Sse.MoveLowToHigh(highA, highC).Store(to + (2 * stride));
        Sse.MoveHighToLow(highC, highA).Store(to + (3 * stride));
    }

    // to[2·i] = even[i], to[2·i + 1] = odd[i].
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave(float* even, float* odd, int columns, float* to)
    {
        int column = 0;
        if (Sse.IsSupported)
        {
            for (; column + 8 <= columns; column += 8)
            {
                Vector128<float> a = Vector128.Load(even + (column / 2)), b = Vector128.Load(odd + (column / 2));
                Sse.UnpackLow(a, b).Store(to + column);
                Sse.UnpackHigh(a, b).Store(to + column + 4);
            }
        }
        for (; column < columns; column++)
            to[column] = column % 2 == 0 ? even[column / 2] : odd[column / 2];
    }
}
