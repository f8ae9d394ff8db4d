using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// Lays a strip of an operand out as the tile kernel reads it: for each k, the numbers of all lanes (rows of the left
/// operand, columns of the right one) side by side. Lanes that do not exist are +0.
/// </summary>
internal static unsafe class PanelPacking
{
    private const int RowGrain = 4;
    private const int PanelsTogether = 4;
    private const int RowsTogether = 64;
    private const int RowsAhead = 4;

    // Of rows that are read side by side: more than a processor looks ahead by itself along so many at once.
    private const int LinesAhead = 4;

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

    /// <summary>Whether a panel's row is less than a cache line.</summary>
    private static bool IsNarrow(int width) => width < CacheLines.Numbers && width % RowGrain == 0;

    /// <summary>Whether neighbouring panels of so many lanes can be packed together.</summary>
    public static bool PacksTogether(int width) => width % RowGrain == 0;

    /// <summary>
    /// Packs neighbouring whole panels whose lanes lie side by side. Four panels at a time take whole cache lines of a row: with a stride of a power of two a
    /// line that is read in pieces is evicted in between.
    /// </summary>
    /// <param name="source">The first panel's first number.</param>
    /// <param name="stride">From one stored row to the next.</param>
    /// <param name="width">Lanes of a panel, all of which exist: <see cref="PacksTogether"/>.</param>
    /// <param name="panels">How many panels.</param>
    /// <param name="depth">How many k.</param>
    /// <param name="packed">[panels, depth, width], overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackAdjacent(float* source, nint stride, int width, int panels, int depth, float* packed)
    {
        nint length = (nint)width * depth;
        // So many rows are on as many pages, which the address buffers hold while all panels go by.
        for (int start = 0; start < depth; start += RowsTogether)
        {
            int rows = Math.Min(RowsTogether, depth - start);
            for (int panel = 0; panel < panels; panel += PanelsTogether)
            {
                float* from = source + (start * stride) + ((nint)panel * width);
                float* to = packed + (panel * length) + ((nint)start * width);
                int count = Math.Min(PanelsTogether, panels - panel);
                if (width == RowGrain && count == PanelsTogether)
                    CopyFours(from, stride, rows, to, length);
                else
                    CopyPanels(from, stride, width, count, rows, to, length);
            }
        }
    }

    private static void CopyFours(float* from, nint stride, int rows, float* to, nint length)
    {
        for (; rows > 0; rows--, from += stride, to += RowGrain)
        {
            Vector128.Load(from).Store(to);
            Vector128.Load(from + 4).Store(to + length);
            Vector128.Load(from + 8).Store(to + (2 * length));
            Vector128.Load(from + 12).Store(to + (3 * length));
        }
    }

    private static void CopyPanels(float* from, nint stride, int width, int panels, int rows, float* to, nint length)
    {
        int numbers = width * panels;
        for (; rows > 0; rows--, from += stride, to += width)
        {
            // Rows lie on pages of their own, where no hardware looks ahead.
            if (rows > RowsAhead)
                CacheLines.Prefetch(from + (RowsAhead * stride), numbers);
            float* lane = from;
            float* panel = to;
            for (int i = 0; i < panels; i++, panel += length - width)
                for (int copied = 0; copied < width; copied += 4, lane += 4, panel += 4)
                    Vector128.Load(lane).Store(panel);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRows(float* source, nint stride, int lanes, int width, int depth, float* panel)
    {
        if (lanes == width && IsNarrow(width))
        {
            PackAdjacent(source, stride, width, 1, depth, panel);
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
        int eights = lanes & ~7, fours = lanes & ~3;
        int k = 0;
        for (; k + CacheLines.Numbers <= depth; k += CacheLines.Numbers)
        {
            for (int lane = 0; lane < eights; lane += 8)
            {
                float* from = source + (lane * stride) + k;
                float* to = panel + ((nint)k * width) + lane;
                CacheLines.PrefetchRows(from + (LinesAhead * CacheLines.Numbers), stride, 8);
                Transposition.Transpose8(from, stride, to, width);
                Transposition.Transpose8(from + 4, stride, to + (4 * width), width);
                Transposition.Transpose8(from + 8, stride, to + (8 * width), width);
                Transposition.Transpose8(from + 12, stride, to + (12 * width), width);
            }
            for (int lane = eights; lane < fours; lane += 4)
            {
                float* from = source + (lane * stride) + k;
                float* to = panel + ((nint)k * width) + lane;
                Transposition.Transpose4(from, stride, to, width);
                Transposition.Transpose4(from + 4, stride, to + (4 * width), width);
                Transposition.Transpose4(from + 8, stride, to + (8 * width), width);
                Transposition.Transpose4(from + 12, stride, to + (12 * width), width);
            }
        }
        for (; k + 4 <= depth; k += 4)
            for (int lane = 0; lane < fours; lane += 4)
                Transposition.Transpose4(source + (lane * stride) + k, stride, panel + ((nint)k * width) + lane, width);
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
