using System.Numerics;
using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels;

/// <summary>
/// A product whose k runs over samples: every tile goes through all leaves while its partial sums of the tree, one a level,
/// stay in the first-level cache.
/// </summary>
internal unsafe struct LeafProductJob<TIsa, TVector> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    public ComputeCrew Crew;
    public TileGrid Grid;
    public OperandBlock<TIsa, TVector> Left;
    public float* PackedLeft;
    public OperandBlock<TIsa, TVector> Right;

    /// <summary>The right operand's panels, or null where whole panels are read where they lie and others packed by who uses them.</summary>
    public float* PackedRight;

    public float* Output;
    public nint OutputStride;

    /// <summary>leaves + 1 entries, the first of which is where the operands' k starts.</summary>
    public int* Bounds;

    public int Leaves;

    public readonly void Execute(int member, int members)
    {
        (WorkRange rows, WorkRange columns) = Grid.PartOf(member);
        int tileSize = TileShape<TIsa, TVector>.Rows * TileShape<TIsa, TVector>.Columns;
        int levels = BitOperations.Log2((uint)Leaves) + 2;
        long panelSize = PackedRight is null ? (long)TileShape<TIsa, TVector>.Columns * Right.Depth : 0;
        float* scratch = Crew.MemberScratch(member, ((long)levels * tileSize) + panelSize);
        Multiply(rows, columns, scratch, scratch + ((nint)levels * tileSize));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Multiply(WorkRange rows, WorkRange columns, float* stack, float* ownPanel)
    {
        for (int j = (int)columns.Start; j < columns.End; j++)
        {
            int width = Right.PanelWidth(j);
            float* b = ownPanel;
            if (PackedRight is not null)
                b = PackedRight + Right.PanelOffset(j);
            else if (Right.LanesAdjacent && Right.PanelLanes(j) == width)
                b = Right.PanelSource(j);
            else
                Right.PackPanel(j, ownPanel);
            nint bStride = b == Right.PanelSource(j) ? Right.Stride : width;
            for (int i = (int)rows.Start; i < rows.End; i++)
                MultiplyTile(i, j, width, b, bStride, stack);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void MultiplyTile(int i, int j, int width, float* b, nint bStride, float* stack)
    {
        int height = Left.PanelWidth(i);
        float* a = PackedLeft + Left.PanelOffset(i);
        nint tileSize = TileShape<TIsa, TVector>.Rows * TileShape<TIsa, TVector>.Columns;
        float* blocks = stack;
        float* levels = stack + tileSize;
        var tile = new OutputTile(Output + ((nint)i * TileShape<TIsa, TVector>.Rows * OutputStride) + ((nint)j * TileShape<TIsa, TVector>.Columns), OutputStride, Left.PanelLanes(i), Right.PanelLanes(j));
        bool whole = tile.Fills(height, width);
        TileTarget final = whole ? tile.Whole() : OutputTile.Edge(blocks, width);
        for (int leaf = 0; leaf < Leaves; leaf++)
        {
            int start = Bounds[leaf] - Bounds[0];
            int end = Bounds[leaf + 1] - Bounds[0];
            float* previous = null;
            for (; end - start > MatrixProduct.BlockLength; start += MatrixProduct.BlockLength)
            {
                var part = new TileTarget { Previous = previous, PreviousStride = width, Destination = blocks, DestinationStride = width };
                Tiles<TIsa, TVector>.Compute(height, width, MatrixProduct.BlockLength, a + ((nint)start * height), b + (start * bStride), bStride, part);
                previous = blocks;
            }
            // Leaf number …0111 completes three nodes of the tree: as many levels wait on the stack as the number ends in ones.
            int complete = BitOperations.TrailingZeroCount(~leaf);
            TileTarget target = leaf == Leaves - 1 ? final : new TileTarget { Destination = levels + (complete * tileSize), DestinationStride = width };
            target.Previous = previous;
            target.PreviousStride = width;
            target.Stack = levels;
            target.StackedTiles = complete;
            target.StackedTileSize = tileSize;
            target.StackStride = width;
            Tiles<TIsa, TVector>.Compute(height, width, end - start, a + ((nint)start * height), b + (start * bStride), bStride, target);
        }
        if (!whole)
            tile.CopyFrom(blocks, width);
    }
}
