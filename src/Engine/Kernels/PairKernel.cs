using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// The innermost loop for leaves of few samples: one vector's columns of a tile, two neighbouring leaves at a time, so that their sum never leaves the
/// registers. A whole tile would be stored and loaded again after each leaf's few multiplications. Zeros are treated as in
/// <see cref="LeafKernel{TIsa, TVector, TRow, TRows}"/>.
/// </summary>
internal static unsafe class PairKernel<TIsa, TVector, TRows>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TRows : struct, ITileRows<TRows, Row1<TIsa, TVector>>
{
    /// <param name="steps">The leaves in order, each in one step, those of a pair of one depth.</param>
    /// <param name="count">How many steps: an even number.</param>
    /// <param name="slots">Tiles of <see cref="TileShape{TIsa, TVector}.Size"/> numbers each for partial sums.</param>
    /// <param name="a">The left panel: element (row, k) at a[k·height + row].</param>
    /// <param name="b">The right panel's vector: row k at b + k·width.</param>
    /// <param name="width">From one row of the right panel to the next.</param>
    /// <param name="output">Where the last pair's sum goes.</param>
    /// <param name="stride">From one row of the output to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(TileStep* steps, int count, float* slots, float* a, float* b, nint width, float* output, nint stride)
    {
        for (TileStep* end = steps + count; ; steps += 2)
        {
            TRows left = default, right = default;
            nint depth = steps->Depth;
            float* a1 = a + (depth * TRows.Height);
            float* b1 = b + (depth * width);
            if (depth > 0)
            {
                left = TRows.Product(a, Row1<TIsa, TVector>.Load(b, 0));
                right = TRows.Product(a1, Row1<TIsa, TVector>.Load(b1, 0));
                a += TRows.Height;
                a1 += TRows.Height;
                b += width;
                b1 += width;
            }
            for (depth--; depth > 0; depth--)
            {
                left.MultiplyAdd(a, 0, Row1<TIsa, TVector>.Load(b, 0));
                right.MultiplyAdd(a1, 0, Row1<TIsa, TVector>.Load(b1, 0));
                a += TRows.Height;
                a1 += TRows.Height;
                b += width;
                b1 += width;
            }
            a = a1;
            b = b1;
            right.AddTo(left);
            TileStep* second = steps + 1;
            // Level 1 was the pair itself.
            float* level = slots + (2 * TileShape<TIsa, TVector>.Size);
            for (int levels = second->Levels; levels > 1; levels--, level += TileShape<TIsa, TVector>.Size)
                right.AddTo(level, TIsa.Width);
            if (second + 1 == end)
            {
                right.AddZero();
                right.Store(output, stride);
                return;
            }
            right.Store(slots + ((nint)second->Slot * TileShape<TIsa, TVector>.Size), TIsa.Width);
        }
    }
}
