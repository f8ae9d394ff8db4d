using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// Products with a matrix each of whose rows is one-hot or zero, as characters are: what a multiplication by 0 adds is left out, which changes no bit of a
/// finite result.
/// </summary>
internal static unsafe class OneHotRows
{
    /// <summary>In place of a column: the row is zero.</summary>
    public const int None = -1;

    /// <summary>Finds in which column each row has its 1; false if some row is neither one-hot nor zero.</summary>
    /// <param name="matrix">[rows, columns].</param>
    /// <param name="stride">Elements from one row to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="hot">[rows]: the columns, or <see cref="None"/>.</param>
    public static bool TryFind(float* matrix, nint stride, int rows, int columns, int* hot)
    {
        for (int row = 0; row < rows; row++, matrix += stride)
        {
            var numbers = new ReadOnlySpan<float>(matrix, columns);
            int column = numbers.IndexOfAnyExcept(0f);
            hot[row] = column < 0 ? None : column;
            if (column >= 0 && (numbers[column] != 1f || numbers[(column + 1)..].IndexOfAnyExcept(0f) >= 0))
                return false;
        }
        return true;
    }

    /// <summary>Wᵀ + 0, whose rows are what <see cref="Multiply"/> looks up. (A sum that begins at +0 is never −0.)</summary>
    /// <param name="weights">W [n, columns].</param>
    /// <param name="n">Rows of W.</param>
    /// <param name="columns">Columns of W.</param>
    /// <param name="table">[columns, n], overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* weights, int n, int columns, float* table)
    {
        const int Block = 16;
        for (int first = 0; first < n; first += Block)
        {
            int last = Math.Min(n, first + Block);
            for (int column = 0; column < columns; column++)
                for (int row = first; row < last; row++)
                    table[((nint)column * n) + row] = weights[((nint)row * columns) + column] + 0f;
        }
    }

    /// <summary>c[i] = bias + table[hot[i]], of a zero row the table's last one.</summary>
    /// <param name="crew">Who computes; the number of threads changes no bit.</param>
    /// <param name="hot">[rows].</param>
    /// <param name="rows">Rows.</param>
    /// <param name="n">Columns of the result.</param>
    /// <param name="table">[columns + 1, n]: what <see cref="Transpose"/> made, and zeros.</param>
    /// <param name="columns">Columns of the one-hot matrix.</param>
    /// <param name="c">[rows, n], overwritten.</param>
    /// <param name="ldc">Elements from one row of c to the next.</param>
    /// <param name="bias">[n].</param>
    public static void Multiply(ComputeCrew crew, int* hot, int rows, int n, float* table, int columns, float* c, int ldc, float* bias)
    {
        var job = new LookUpJob { Hot = hot, Rows = rows, Length = n, Table = table, Zeros = columns, Result = c, Stride = ldc, Bias = bias };
        crew.Run(ref job);
    }

    /// <summary>
    /// result[j, column] = Σ over leaves of Σ over the leaf's rows i whose 1 is in that column of y[i, j]: in order from +0, blocks of
    /// <see cref="MatrixProduct.BlockLength"/> rows anew and then added in order, the leaves added as a balanced binary tree.
    /// </summary>
    /// <param name="crew">Who computes; the number of threads changes no bit.</param>
    /// <param name="y">[rows, n].</param>
    /// <param name="ldy">Elements from one row to the next.</param>
    /// <param name="n">Columns of y.</param>
    /// <param name="hot">[rows], of the same rows.</param>
    /// <param name="columns">Columns of the one-hot matrix.</param>
    /// <param name="leafBounds">leaves + 1 entries: leaf i holds the rows from entry i up to entry i + 1, perhaps none, which is +0.</param>
    /// <param name="result">[n, columns], overwritten.</param>
    public static void SumLeaves(ComputeCrew crew, float* y, int ldy, int n, int* hot, int columns, ReadOnlySpan<int> leafBounds, float* result)
    {
        LeafBounds.Require(leafBounds);
        if (VectorWidth.Lanes == Isa512.Width)
            OneHotRows<Isa512, Vector512<float>>.SumLeaves(crew, y, ldy, n, hot, columns, leafBounds, result);
        else if (VectorWidth.Lanes == Isa256.Width)
            OneHotRows<Isa256, Vector256<float>>.SumLeaves(crew, y, ldy, n, hot, columns, leafBounds, result);
        else if (VectorWidth.Lanes == Isa128.Width)
            OneHotRows<Isa128, Vector128<float>>.SumLeaves(crew, y, ldy, n, hot, columns, leafBounds, result);
        else
            OneHotRows<IsaScalar, float>.SumLeaves(crew, y, ldy, n, hot, columns, leafBounds, result);
    }

    private struct LookUpJob : ICrewJob
    {
        public int* Hot;
        public int Rows;
        public int Length;
        public float* Table;

        /// <summary>The table's row of zeros.</summary>
        public int Zeros;

        public float* Result;
        public nint Stride;
        public float* Bias;

        public readonly void Execute(int member, int members)
        {
            WorkRange rows = WorkRange.Of(Rows, member, members);
            for (long row = rows.Start; row < rows.End; row++)
            {
                int found = Hot[row] == None ? Zeros : Hot[row];
                VectorMath.Add(Bias, Table + ((nint)found * Length), Result + ((nint)row * Stride), Length);
            }
        }
    }
}

/// <summary>The sums at one vector width. A strip of y's columns goes through all rows, while its sums stay in the first-level cache.</summary>
internal static unsafe class OneHotRows<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    private const int CacheLine = 16;

    // Numbers of a strip's sums: 16 KiB.
    private const int NumbersTogether = 4096;

    public static void SumLeaves(ComputeCrew crew, float* y, int ldy, int n, int* hot, int columns, ReadOnlySpan<int> leafBounds, float* result)
    {
        fixed (int* bounds = leafBounds)
        {
            var job = new Job
            {
                Crew = crew,
                Y = y,
                Stride = ldy,
                Length = n,
                Hot = hot,
                Columns = columns,
                Strip = Math.Max(CacheLine, NumbersTogether / columns / CacheLine * CacheLine),
                Bounds = bounds,
                Leaves = leafBounds.Length - 1,
                Result = result,
            };
            crew.Run(ref job);
        }
    }

    private struct Job : ICrewJob
    {
        public ComputeCrew Crew;
        public float* Y;
        public nint Stride;
        public int Length;
        public int* Hot;
        public int Columns;
        public int Strip;
        public int* Bounds;
        public int Leaves;
        public float* Result;

        private readonly nint Size => (nint)Columns * Strip;

        public readonly void Execute(int member, int members)
        {
            WorkRange part = WorkRange.Of(Length, member, members, CacheLine);
            // Level by level of the tree, and one for a leaf's later blocks.
            float* stack = Crew.MemberScratch(member, (BitOperations.Log2((uint)Leaves) + 2L) * Size);
            for (long first = part.Start; first < part.End; first += Strip)
                SumStrip(Y + first, (int)Math.Min(Strip, part.End - first), stack, Result + ((nint)first * Columns));
        }

        private readonly void SumStrip(float* y, int width, float* stack, float* result)
        {
            float* block = stack + ((BitOperations.Log2((uint)Leaves) + 1) * Size);
            for (int leaf = 0; leaf < Leaves; leaf++)
            {
                // Leaf number …0111 completes three nodes of the tree: as many levels wait on the stack as the number ends in ones.
                int complete = BitOperations.TrailingZeroCount(~leaf);
                float* sum = stack + (complete * Size);
                int row = Bounds[leaf], last = Bounds[leaf + 1];
                AddRows(y, width, row, Math.Min(last, row + MatrixProduct.BlockLength), sum);
                while ((row += MatrixProduct.BlockLength) < last)
                {
                    AddRows(y, width, row, Math.Min(last, row + MatrixProduct.BlockLength), block);
                    VectorMath.Add(sum, block, Size);
                }
                for (int level = 0; level < complete; level++)
                    VectorMath.Add(stack + (level * Size), sum, sum, Size);
            }
            float* total = stack + (BitOperations.Log2((uint)Leaves) * Size);
            for (int column = 0; column < Columns; column++)
                for (int j = 0; j < width; j++)
                    result[((nint)j * Columns) + column] = total[((nint)column * Strip) + j];
        }

        /// <summary>sum[hot[row]] = Σ y[row] from +0.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void AddRows(float* y, int width, int first, int last, float* sum)
        {
            new Span<float>(sum, checked((int)Size)).Clear();
            for (int row = first; row < last; row++)
            {
                if (Hot[row] == OneHotRows.None)
                    continue;
                float* of = sum + ((nint)Hot[row] * Strip);
                Elementwise.Map<TIsa, TVector, AddOperator>(default, of, y + (row * Stride), of, width);
            }
        }
    }
}
