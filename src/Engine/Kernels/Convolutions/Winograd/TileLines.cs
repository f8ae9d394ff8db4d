using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>
/// Bᵀ·d·B of what neighbouring tiles see of an image, where a tile is a lane: first down the columns, for all tiles of a run together, since one sees columns of the next; then along the lines that come of it.
/// </summary>
internal static unsafe class TileLines<TIsa, TVector, TFiltering>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TFiltering : struct, IMinimalFiltering
{
    /// <summary>Transforms one channel's tiles of a run.</summary>
    /// <param name="source">Where a sample's numbers lie.</param>
    /// <param name="window">What a tile sees. Outside of the image that is +0.</param>
    /// <param name="size">The filtering's sizes.</param>
    /// <param name="plane">The channel of the run's sample.</param>
    /// <param name="run">The tiles.</param>
    /// <param name="memory">For lines.</param>
    /// <param name="result">The first of the p² results' lanes. Of lanes after the run's, up to a vector of them is overwritten.</param>
    /// <param name="stride">From one result to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transform(ImageLayout source, TileWindow window, FilteringSize size, float* plane, in TileRun run, in WinogradMemory memory, float* result, nint stride)
    {
        int x = (TFiltering.TileSize * run.Column) - window.Left, y = (TFiltering.TileSize * run.Row) - window.Top;
        int columns = (TFiltering.TileSize * (run.Count - 1)) + window.Size;
        int start = Math.Clamp(-x, 0, columns), end = Math.Clamp(source.Width - x, start, columns);
        float* rows = plane + ((nint)y * source.RowStride) + x, lines = memory.Lines;
        nint step = source.RowStride, length = memory.LineLength;
        if (y < 0 || y + window.Size > source.Height)
        {
            CopyRows(source.Height, window.Size, y, rows + start, step, end - start, memory.Rows + start, length);
            rows = memory.Rows;
            step = length;
        }
        ColumnTransform<WindowTransform<TFiltering>>.Apply<TIsa, TVector>(rows + start, step, end - start, lines + start, length);
        int points = size.Points;
        for (int i = 0; i < points; i++)
        {
            float* line = lines + (i * length);
            for (int j = 0; j < start; j++)
                line[j] = 0;
            for (int j = end; j < columns; j++)
                line[j] = 0;
        }
        for (int tile = 0; tile < run.Count; tile += TIsa.Width)
        {
            float* line = lines + (TFiltering.TileSize * tile), to = result + run.Lane + tile;
            for (int i = 0; i < points; i++, line += length, to += points * stride)
                TFiltering.WindowOfTiles<TIsa, TVector>(line, to, stride);
        }
    }

    // The rows from y on, those outside of the image as zeros.
    private static void CopyRows(int height, int count, int y, float* rows, nint step, int columns, float* to, nint stride)
    {
        for (int i = 0; i < count; i++, y++, rows += step, to += stride)
        {
            var row = new Span<float>(to, columns);
            if (y < 0 || y >= height)
                row.Clear();
            else
                new ReadOnlySpan<float>(rows, columns).CopyTo(row);
        }
    }
}
