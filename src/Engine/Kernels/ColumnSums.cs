using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels;

/// <summary>Sums down the columns of a matrix, as the gradients of biases are.</summary>
public static unsafe class ColumnSums
{
    /// <summary>result[j] = Σ over leaves of Σ over the leaf's rows i, in order from +0, of y[i, j]; the leaves added as a balanced binary tree.</summary>
    /// <param name="crew">Who computes; the number of threads changes no bit.</param>
    /// <param name="y">[rows, n].</param>
    /// <param name="ldy">Elements from one row to the next.</param>
    /// <param name="n">Columns.</param>
    /// <param name="leafBounds">leaves + 1 entries: leaf i holds the rows from entry i up to entry i + 1, perhaps none, which is +0.</param>
    /// <param name="result">[n], overwritten.</param>
    /// <exception cref="ArgumentException">The leaves are not a power of two, or their bounds go down.</exception>
    public static void SumLeaves(ComputeCrew crew, float* y, int ldy, int n, ReadOnlySpan<int> leafBounds, float* result)
    {
        ArgumentNullException.ThrowIfNull(crew);
        LeafBounds.Require(leafBounds);
        if (VectorWidth.Lanes == Isa512.Width)
            ColumnSums<Isa512, Vector512<float>>.SumLeaves(crew, y, ldy, n, leafBounds, result);
        else if (VectorWidth.Lanes == Isa256.Width)
            ColumnSums<Isa256, Vector256<float>>.SumLeaves(crew, y, ldy, n, leafBounds, result);
        else if (VectorWidth.Lanes == Isa128.Width)
            ColumnSums<Isa128, Vector128<float>>.SumLeaves(crew, y, ldy, n, leafBounds, result);
        else
            ColumnSums<IsaScalar, float>.SumLeaves(crew, y, ldy, n, leafBounds, result);
    }
}

/// <summary>The same at one vector width. Rows are read in order, whole strips of columns at a time; a strip's partial sums wait on a stack.</summary>
internal static unsafe class ColumnSums<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    private const int StripColumns = 256;
    private const long SmallestShared = 64 * 1024;

    public static void SumLeaves(ComputeCrew crew, float* y, int ldy, int n, ReadOnlySpan<int> leafBounds, float* result)
    {
        fixed (int* bounds = leafBounds)
        {
            var job = new Job { Crew = crew, Y = y, Stride = ldy, Columns = n, Bounds = bounds, Leaves = leafBounds.Length - 1, Result = result };
            long work = (long)n * (leafBounds[^1] - leafBounds[0]);
            if (work >= SmallestShared)
                crew.Run(ref job);
            else
                crew.RunAlone(ref job);
        }
    }

    private struct Job : ICrewJob
    {
        public ComputeCrew Crew;
        public float* Y;
        public nint Stride;
        public int Columns;
        public int* Bounds;
        public int Leaves;
        public float* Result;

        public readonly void Execute(int member, int members)
        {
            WorkRange part = WorkRange.Of(Columns, member, members, VectorMath.Lanes);
            float* stack = Crew.MemberScratch(member, (BitOperations.Log2((uint)Leaves) + 1L) * StripColumns);
            for (long first = part.Start; first < part.End; first += StripColumns)
                SumStrip(Y + first, (int)Math.Min(StripColumns, part.End - first), Result + first, stack);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void SumStrip(float* y, int width, float* result, float* stack)
        {
            for (int leaf = 0; leaf < Leaves; leaf++)
            {
                // Leaf number …0111 completes three nodes of the tree: as many levels wait on the stack as the number ends in ones.
                int complete = BitOperations.TrailingZeroCount(~leaf);
                float* sum = stack + (complete * StripColumns);
                new Span<float>(sum, width).Clear();
                for (int row = Bounds[leaf]; row < Bounds[leaf + 1]; row++)
                    Add(sum, y + (row * Stride), sum, width);
                for (int level = 0; level < complete; level++)
                    Add(stack + (level * StripColumns), sum, sum, width);
            }
            new ReadOnlySpan<float>(stack + (BitOperations.Log2((uint)Leaves) * StripColumns), width).CopyTo(new Span<float>(result, width));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Add(float* x, float* y, float* result, int width) =>
            Elementwise.Map<TIsa, TVector, AddOperator>(default, x, y, result, width);
    }
}
