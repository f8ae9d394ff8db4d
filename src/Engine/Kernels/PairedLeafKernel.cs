using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// <see cref="LeafKernel{TIsa, TVector, TRow, TRows}"/> for tiles of four rows and three vectors, two leaves to a round: where the first one's sum goes needs no branch, and
/// the node that the second one completes is stored while it is added. A leaf's sum begins with its first product: sums that were set to zero first, a register each, would cost
/// a leaf of few samples as much as its additions do. What that changes, a zero's sign, is undone where the tile is done, here as there, so the bits are the same.
/// </summary>
internal static unsafe class PairedLeafKernel<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    private static int Height => FourByThree<TIsa, TVector>.Height;

    private static int Width
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => FourByThree<TIsa, TVector>.Width;
    }

    private static int Size
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => FourByThree<TIsa, TVector>.Size;
    }

    /// <param name="tiles">How many tiles, one below another.</param>
    /// <param name="steps">The leaves in order, each in one step of at least four k.</param>
    /// <param name="count">How many steps: an even number.</param>
    /// <param name="slots">Tiles of <see cref="FourByThree{TIsa, TVector}.Size"/> numbers each for partial sums, one a level of the tree and one more.</param>
    /// <param name="a">The left panels, one after another: element (row, k) of each at a[k·4 + row].</param>
    /// <param name="b">The right panel: row k at b + k·width.</param>
    /// <param name="output">Where the first tile's last sum goes.</param>
    /// <param name="stride">From one row of the output to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Compute(int tiles, TileStep* steps, int count, float* slots, float* a, float* b, float* output, nint stride)
    {
        float* leaf = slots + Size;
        TileStep* last = steps + count - 1;
        for (; tiles > 0; tiles--, output += Height * stride)
        {
            for (int row = 0; row < Height; row++)
                CacheLines.Prefetch(output + (row * stride), Width);
            float* right = b;
            for (TileStep* step = steps; ; step++)
            {
                FourByThree<TIsa, TVector> sum = default;
                Chain(ref sum, step->Depth, ref a, ref right);
                sum.Store(leaf, Width);
                step++;
                Chain(ref sum, step->Depth, ref a, ref right);
                // The levels that this leaf completes but for the uppermost, whose sum is stored or is the whole.
                float* level = leaf;
                for (int levels = step->Levels; levels > 1; levels--, level += Size)
                    sum.Add(level);
                if (step == last)
                {
                    sum.Add(level);
                    sum.AddZero();
                    sum.Store(output, stride);
                    break;
                }
                sum.AddAndStore(level, level + Size);
            }
        }
    }

    // A leaf's sum, of at least four k. Both panels are behind the leaf then.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Chain(ref FourByThree<TIsa, TVector> sum, nint k, ref float* a, ref float* b)
    {
        sum.Begin(a, b);
        sum.MultiplyAdd(a, b, 1);
        sum.MultiplyAdd(a, b, 2);
        sum.MultiplyAdd(a, b, 3);
        for (k -= 4, a += 4 * Height, b += 4 * Width; k >= 4; k -= 4, a += 4 * Height, b += 4 * Width)
        {
            sum.MultiplyAdd(a, b, 0);
            sum.MultiplyAdd(a, b, 1);
            sum.MultiplyAdd(a, b, 2);
            sum.MultiplyAdd(a, b, 3);
        }
        for (; k > 0; k--, a += Height, b += Width)
            sum.MultiplyAdd(a, b, 0);
    }
}
