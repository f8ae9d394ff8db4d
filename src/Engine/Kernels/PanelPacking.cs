using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// Lays a strip of an operand out as the tile kernel reads it: for each k, the numbers of all lanes (rows of the left
/// operand, columns of the right one) side by side. Lanes that do not exist are +0.
/// </summary>
internal static unsafe class PanelPacking
{
    private const int CacheLine = 16;

    /// <summary>panel[k·width + lane] = source(lane, k) for lane in [0, width), k in [0, depth).</summary>
    /// <param name="source">The first lane's first number.</param>
    /// <param name="stride">From one stored row to the next.</param>
    /// <param name="lanesAdjacent">Whether lanes lie side by side in a stored row, or numbers of one lane do.</param>
    /// <param name="lanes">Lanes that exist.</param>
    /// <param name="width">Lanes of the panel, a multiple of 4.</param>
    /// <param name="depth">How many k.</param>
    /// <param name="panel">[depth, width], overwritten.</param>
    public static void Pack(float* source, nint stride, bool lanesAdjacent, int lanes, int width, int depth, float* panel)
    {
        if (lanesAdjacent)
            CopyRows(source, stride, lanes, width, depth, panel);
        else
            TransposeRows(source, stride, lanes, width, depth, panel);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRows(float* source, nint stride, int lanes, int width, int depth, float* panel)
    {
        if (lanes == width && width == 12)
        {
            for (int k = 0; k < depth; k++, source += stride, panel += 12)
            {
                Vector128.Load(source).Store(panel);
                Vector128.Load(source + 4).Store(panel + 4);
                Vector128.Load(source + 8).Store(panel + 8);
            }
            return;
        }
        int eights = lanes & ~7, fours = lanes & ~3;
        for (int k = 0; k < depth; k++, source += stride, panel += width)
        {
            for (int lane = 0; lane < eights; lane += 8)
                Vector256.Load(source + lane).Store(panel + lane);
            for (int lane = eights; lane < fours; lane += 4)
                Vector128.Load(source + lane).Store(panel + lane);
            for (int lane = fours; lane < lanes; lane++)
                panel[lane] = source[lane];
            for (int lane = lanes; lane < width; lane++)
                panel[lane] = 0;
        }
    }

    // A cache line of k at a time: with a stride of a power of two more lines of the source would not fit the cache together.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeRows(float* source, nint stride, int lanes, int width, int depth, float* panel)
    {
        int fours = lanes & ~3;
        int k = 0;
        for (; k + CacheLine <= depth; k += CacheLine)
        {
            for (int lane = 0; lane < fours; lane += 4)
            {
                float* from = source + (lane * stride) + k;
                float* to = panel + ((nint)k * width) + lane;
                Transposition.Transpose4(from, stride, to, width);
                Transposition.Transpose4(from + 4, stride, to + (4 * width), width);
                Transposition.Transpose4(from + 8, stride, to + (8 * width), width);
                Transposition.Transpose4(from + 12, stride, to + (12 * width), width);
            }
        }
        for (; k < depth; k++)
            for (int lane = 0; lane < fours; lane++)
                panel[((nint)k * width) + lane] = source[(lane * stride) + k];
        for (int lane = fours; lane < lanes; lane++)
            for (k = 0; k < depth; k++)
                panel[((nint)k * width) + lane] = source[(lane * stride) + k];
        for (int lane = lanes; lane < width; lane++)
            for (k = 0; k < depth; k++)
                panel[((nint)k * width) + lane] = 0;
    }
}
