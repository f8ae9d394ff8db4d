using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>Puts rows of an image together from lanes of tiles.</summary>
internal static unsafe class TilePlaces
{
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

    // to[4·i + j] = from[j, i].
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InterleaveFours(float* from, nint width, int columns, float* to)
    {
        int column = 0;
        for (; column + 16 <= columns; column += 16)
            Transposition.Transpose4(from + (column / 4), width, to + column, 4);
        for (; column < columns; column++)
            to[column] = from[(column % 4 * width) + (column / 4)];
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
