using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>
/// The gradient of the filters of a convolution with a <see cref="WinogradPlan"/>: ∂L/∂g = Gᵀ[Σ over the tiles of a leaf of (A·∂L/∂Y·Aᵀ) ⊙ (Bᵀ·d·B)]G, the transposed of the forward pass. The sums are matrix
/// products, k over the leaf's tiles in blocks of <see cref="FilteringSize.BlockTiles"/>; the leaves are added as a balanced binary tree after Gᵀ…G, for it is gradients of weights that other nodes of the tree are.
/// </summary>
internal static unsafe class WinogradGradient<TIsa, TVector, TFiltering>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TFiltering : struct, IMinimalFiltering
{
    private const int MemorySlot = 1;

    public static void SumLeaves(ComputeCrew crew, WinogradPlan plan, ReadOnlySpan<int> leafBounds, float* images, float* gradients, float* result)
    {
        var leaves = new GradientLeaves(leafBounds, plan.Tiles, plan.Size);
        var memory = new GradientMemory(plan.Size, leaves, TileShape<TIsa, TVector>.RowPanels(plan.Rows), TileShape<TIsa, TVector>.ColumnPanels(plan.Depth), TileShape<TIsa, TVector>.Rows, TileShape<TIsa, TVector>.Columns);
        memory.Place(crew.SharedScratch(MemorySlot, memory.Length));
        fixed (int* bounds = leafBounds)
        {
            leaves.Bounds = bounds;
            for (int group = 0; group < plan.Groups; group++)
            {
                for (int first = 0; first < leaves.Count; first += leaves.Together)
                {
                    long begin = leaves.TileOf(first), end = leaves.TileOf(first + leaves.Together);
                    // Where a leaf is longer than a block, it is a block after another; where it is none, it has an empty one.
                    int most = leaves.HasLong ? plan.Size.BlockTiles : plan.Size.TilesTogether;
                    for (long tile = begin; tile == begin || tile < end; tile += most)
                    {
                        int tiles = (int)Math.Min(most, end - tile);
                        var transform = new GradientOperandJob<TIsa, TVector, TFiltering>
                        {
                            Crew = crew,
                            Plan = plan,
                            Memory = memory,
                            Group = group,
                            FirstTile = tile,
                            Tiles = tiles,
                            Images = images,
                            Gradients = gradients,
                        };
                        crew.Run(ref transform);
                        var multiply = new GradientProductJob<TIsa, TVector, TFiltering>
                        {
                            Crew = crew,
                            Plan = plan,
                            Memory = memory,
                            Leaves = leaves,
                            Group = group,
                            FirstLeaf = first,
                            FirstTile = tile,
                            Tiles = tiles,
                            Continues = tile > begin,
                            IsLast = tile + tiles >= end,
                            Result = result,
                        };
                        crew.Run(ref multiply);
                    }
                }
            }
        }
    }
}
