using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// The tile kernel of a plain product: tiles one below another, which share the right panel. Rows of both panels lie one after another, so that addresses are
/// constants beside one pointer each: where another thread shares the core, every instruction counts.
/// </summary>
internal static unsafe class ProductKernel<TIsa, TVector, TRow, TRows>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TRow : struct, IVectorRow<TRow, TVector>
    where TRows : struct, ITileRows<TRows, TRow>
{
    /// <param name="tiles">How many tiles.</param>
    /// <param name="depth">How many k.</param>
    /// <param name="a">The left panels, one after another: element (row, k) of each at a[k·height + row].</param>
    /// <param name="b">The right panel: row k at b + k·width.</param>
    /// <param name="ahead">The right panel that comes next, or this one again: it is fetched into the second-level cache in passing.</param>
    /// <param name="target">The first tile's place; the next one's rows follow on its rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(int tiles, int depth, float* a, float* b, float* ahead, in TileTarget target)
    {
        float* output = target.Output;
        nint stride = target.Stride;
        // All tiles together run through the panel once.
        nint aheadStep = (4 * TRow.Length / Math.Max(1, tiles)) + 1;
        for (; tiles > 0; tiles--, output += TRows.Height * stride)
        {
            TRows sum = default;
            float* right = b;
            nint k = depth;
            // A row of the output every four k: all at once they would keep the panels waiting.
            float* row = output;
            for (int rows = TRows.Height; rows > 0 && k >= 4; rows--, row += stride, k -= 4, a += 4 * TRows.Height, right += 4 * TRow.Length)
            {
                CacheLines.Prefetch(row, TRow.Length);
                MultiplyAddFour(ref sum, a, right);
                CacheLines.PrefetchTwoAhead(ahead);
                ahead += aheadStep;
            }
            for (; k >= 4; k -= 4, a += 4 * TRows.Height, right += 4 * TRow.Length)
            {
                MultiplyAddFour(ref sum, a, right);
                CacheLines.PrefetchTwoAhead(ahead);
                ahead += aheadStep;
            }
            for (; k > 0; k--, a += TRows.Height, right += TRow.Length)
                sum.MultiplyAdd(a, 0, TRow.Load(right, 0));
            if (target.Continues)
                sum.AddTo(output, stride);
            if (target.Bias is not null)
                sum.AddTo(target.Bias, 0);
            sum.Store(output, stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyAddFour(ref TRows sum, float* a, float* right)
    {
        sum.MultiplyAdd(a, 0, TRow.Load(right, 0));
        sum.MultiplyAdd(a, TRows.Height, TRow.Load(right, TRow.Length));
        sum.MultiplyAdd(a, 2 * TRows.Height, TRow.Load(right, 2 * TRow.Length));
        sum.MultiplyAdd(a, 3 * TRows.Height, TRow.Load(right, 3 * TRow.Length));
    }
}
