using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// Packs operands and shares tiles out at one vector width. (After Goto and van de Geijn, Anatomy of high-performance
/// matrix multiplication, ACM TOMS 34, 2008.)
/// </summary>
internal static unsafe class BlockedProduct<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    private const int LeftSlot = 0;
    private const int RightSlot = 1;
    private const int BiasSlot = 2;
    private const int StepSlot = 2;

    // Below this many multiplications a fork costs more than it gains.
    private const long SmallestShared = 32 * 1024;

    // Columns of the right operand that are packed at a time.
    private const int ColumnsAtATime = 2048;

    // Numbers of the left operand that stay in the second-level cache while the right one goes by: 256 KiB.
    private const long LeftTogether = 64 * 1024;

    /// <summary>Numbers that the panels of a whole right operand take.</summary>
    public static long PackedLength(int k, int n) => (long)k * TileShape<TIsa, TVector>.PaddedColumns(n);

    /// <summary>Packs a whole right operand, block of k by block of k.</summary>
    public static void PackRight(ComputeCrew crew, int n, int k, MatrixOperand b, float* packed)
    {
        for (int start = 0; start < k; start += MatrixProduct.BlockLength)
        {
            int depth = Math.Min(MatrixProduct.BlockLength, k - start);
            var job = new PackingJob<TIsa, TVector>
            {
                Right = OperandBlock<TIsa, TVector>.Right(b, 0, n, start, depth),
                PackedRight = packed + PackedLength(start, n),
            };
            Run(crew, ref job, (long)depth * n);
        }
    }

    /// <summary>C = A·B (+ bias), where B is an operand, or packed if <paramref name="packed"/> is not null.</summary>
    public static void Multiply(ComputeCrew crew, int m, int n, int k, MatrixOperand a, MatrixOperand b, float* packed, float* c, int ldc, float* bias)
    {
        if (m == 0 || n == 0)
            return;
        float* paddedBias = bias is null ? null : PadBias(crew, bias, n);
        if (packed is null && b.Transposed && k > MatrixProduct.BlockLength && MatrixProduct.IsFewRows(m))
        {
            var grid = TileGrid.PreferringColumns(TileShape<TIsa, TVector>.RowPanels(m), TileShape<TIsa, TVector>.ColumnPanels(n), crew.Threads);
            if (grid.RowParts == 1)
            {
                MultiplyColumnwise(crew, grid, m, n, k, a, b, c, ldc, paddedBias);
                return;
            }
        }
        if (packed is null && !b.Transposed && k > 0 && m <= RowwiseProductJob<TIsa, TVector>.MostRows)
        {
            int panels = n / TileShape<TIsa, TVector>.Columns, whole = panels * TileShape<TIsa, TVector>.Columns;
            var grid = TileGrid.PreferringColumns(TileShape<TIsa, TVector>.RowPanels(m), panels, crew.Threads);
            if (grid.RowParts == 1 && panels > 0)
            {
                MultiplyRowwise(crew, grid, m, whole, k, a, b, c, ldc, paddedBias);
                Multiply(crew, m, n - whole, k, a, new MatrixOperand(b.At(0, whole), b.Stride), null, c + whole, ldc, bias is null ? null : bias + whole);
                return;
            }
        }
        int columnsAtATime = ColumnsAtATime / TileShape<TIsa, TVector>.Columns * TileShape<TIsa, TVector>.Columns;
        // With no k at all one empty block still makes C zero, and adds the bias.
        for (int start = 0; start == 0 || start < k; start += MatrixProduct.BlockLength)
        {
            int depth = Math.Min(MatrixProduct.BlockLength, k - start);
            var left = OperandBlock<TIsa, TVector>.Left(a, m, start, depth);
            bool isLeftPacked = false;
            for (int column = 0; column < n; column += columnsAtATime)
            {
                int columns = Math.Min(columnsAtATime, n - column);
                var right = OperandBlock<TIsa, TVector>.Right(b, column, columns, start, depth);
                bool packsInPassing = packed is null && MatrixProduct.IsFewRows(m);
                TileGrid grid = packsInPassing
                    ? TileGrid.PreferringColumns(left.Panels, right.Panels, crew.Threads)
                    : TileGrid.PreferringRows(left.Panels, right.Panels, crew.Threads);
                bool shared = packed is null && (!packsInPassing || grid.RowParts > 1);
                // Where members share no rows, and the right operand's panels are packed already.
                bool packsLeft = grid.ColumnParts == 1 && (packed is not null || shared);
                float* packedLeft = packsLeft ? null : crew.SharedScratch(LeftSlot, left.PackedLength);
                var packing = new PackingJob<TIsa, TVector>
                {
                    Left = left,
                    PackedLeft = isLeftPacked ? null : packedLeft,
                    Right = right,
                    PackedRight = shared ? crew.SharedScratch(RightSlot, right.PackedLength) : null,
                };
                if (packing.PackedLeft is not null || packing.PackedRight is not null)
                    Run(crew, ref packing, ((long)m + columns) * depth);
                isLeftPacked |= !packsLeft;
                var product = new ProductJob<TIsa, TVector>
                {
                    Crew = crew,
                    Grid = grid,
                    Left = left,
                    PackedLeft = packedLeft,
                    Right = right,
                    PackedRight = packed is null ? packing.PackedRight : packed + PackedLength(start, n) + ((nint)column * depth),
                    Output = c + column,
                    OutputStride = ldc,
                    Continues = start > 0,
                    Bias = paddedBias is null || start + depth < k ? null : paddedBias + column,
                };
                Run(crew, ref product, (long)m * columns * depth);
            }
        }
    }

    private static void MultiplyColumnwise(ComputeCrew crew, TileGrid grid, int m, int n, int k, MatrixOperand a, MatrixOperand b, float* c, int ldc, float* paddedBias)
    {
        int together = DepthTogether(m);
        for (int start = 0; start < k; start += together)
        {
            int run = Math.Min(together, k - start);
            var left = OperandBlock<TIsa, TVector>.Left(a, m, start, run);
            var product = new ColumnwiseProductJob<TIsa, TVector>
            {
                Crew = crew,
                Grid = grid,
                Left = left,
                PackedLeft = PackLeftBlocks(crew, left),
                Right = OperandBlock<TIsa, TVector>.Right(b, 0, n, start, run),
                Output = c,
                OutputStride = ldc,
                Continues = start > 0,
                Bias = start + run < k ? null : paddedBias,
            };
            Run(crew, ref product, (long)m * n * run);
        }
    }

    private static void MultiplyRowwise(ComputeCrew crew, TileGrid grid, int m, int n, int k, MatrixOperand a, MatrixOperand b, float* c, int ldc, float* paddedBias)
    {
        int together = DepthTogether(m);
        for (int start = 0; start < k; start += together)
        {
            int run = Math.Min(together, k - start);
            var left = OperandBlock<TIsa, TVector>.Left(a, m, start, run);
            var product = new RowwiseProductJob<TIsa, TVector>
            {
                Crew = crew,
                Grid = grid,
                Left = left,
                PackedLeft = PackLeftBlocks(crew, left),
                Right = b.At(start, 0),
                RightStride = b.Stride,
                Output = c,
                OutputStride = ldc,
                Continues = start > 0,
                Bias = start + run < k ? null : paddedBias,
            };
            Run(crew, ref product, (long)m * n * run);
        }
    }

    // How many k of m rows stay in the second-level cache: whole blocks.
    private static int DepthTogether(int m) => (int)Math.Max(1, LeftTogether / TileShape<TIsa, TVector>.PaddedRows(m) / MatrixProduct.BlockLength) * MatrixProduct.BlockLength;

    // The panels of all blocks of a left operand, block after block.
    private static float* PackLeftBlocks(ComputeCrew crew, OperandBlock<TIsa, TVector> left)
    {
        float* packed = crew.SharedScratch(LeftSlot, left.PackedLength);
        for (int block = 0; block < left.Depth; block += MatrixProduct.BlockLength)
        {
            int depth = Math.Min(MatrixProduct.BlockLength, left.Depth - block);
            var packing = new PackingJob<TIsa, TVector> { Left = left.Part(block, depth), PackedLeft = packed + ((nint)block * TileShape<TIsa, TVector>.PaddedRows(left.Lanes)) };
            Run(crew, ref packing, (long)left.Lanes * depth);
        }
        return packed;
    }

    /// <summary>C = the tree over leaves of A·B over each leaf's samples.</summary>
    public static void MultiplyLeaves(ComputeCrew crew, int m, int n, MatrixOperand a, MatrixOperand b, ReadOnlySpan<int> leafBounds, float* c, int ldc)
    {
        if (m == 0 || n == 0)
            return;
        int start = leafBounds[0];
        int depth = leafBounds[^1] - start;
        var left = OperandBlock<TIsa, TVector>.Left(a, m, start, depth);
        var right = OperandBlock<TIsa, TVector>.Right(b, 0, n, start, depth);
        TileGrid grid = TileGrid.Of(left.Panels, right.Panels, crew.Threads);
        // Panels that each member uses once it packs itself, one at a time.
        bool shared = left.Panels > grid.RowParts;
        var packing = new PackingJob<TIsa, TVector>
        {
            Left = left,
            PackedLeft = crew.SharedScratch(LeftSlot, left.PackedLength),
            Right = right,
            PackedRight = shared ? crew.SharedScratch(RightSlot, right.PackedLength) : null,
        };
        Run(crew, ref packing, ((long)m + n) * depth);
        int count = LeafSchedule.StepCount(leafBounds);
        var steps = (TileStep*)crew.SharedScratch(StepSlot, LeafSchedule.ScratchLength(count));
        LeafSchedule.Fill(leafBounds, steps);
        var product = new LeafProductJob<TIsa, TVector>
        {
            Crew = crew,
            Grid = grid,
            Left = left,
            PackedLeft = packing.PackedLeft,
            Right = right,
            PackedRight = packing.PackedRight,
            Output = c,
            OutputStride = ldc,
            Steps = steps,
            StepCount = count,
            Pairs = LeafSchedule.CanPair<TIsa, TVector>(leafBounds),
            Slots = LeafSchedule.Slots(leafBounds),
            Streams = shared && StreamedStrip.Suits(c, ldc, m, n),
        };
        Run(crew, ref product, (long)m * n * depth);
    }

    private static float* PadBias(ComputeCrew crew, float* bias, int n)
    {
        float* padded = crew.SharedScratch(BiasSlot, TileShape<TIsa, TVector>.PaddedColumns(n));
        new ReadOnlySpan<float>(bias, n).CopyTo(new Span<float>(padded, n));
        return padded;
    }

    private static void Run<TJob>(ComputeCrew crew, ref TJob job, long work)
        where TJob : struct, ICrewJob
    {
        if (work >= SmallestShared)
            crew.Run(ref job);
        else
            crew.RunAlone(ref job);
    }
}
