using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>
/// Transforms the filters, G·g·Gᵀ, and lays them out as the tiles read them: group by group, slab of rows by slab, product by product, panel of rows by panel [depth, height]. Panels are shared out among the threads.
/// </summary>
internal unsafe struct WinogradPacking<TIsa, TVector, TFiltering> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TFiltering : struct, IMinimalFiltering
{
    public WinogradPlan Plan;
    public float* Weights;
    public float* Packed;

    public readonly void Execute(int member, int members)
    {
        int rows = Plan.Rows, paddedRows = TileShape<TIsa, TVector>.PaddedRows(rows);
        int slabRows = Plan.Size.SlabPanels(TileShape<TIsa, TVector>.Rows) * TileShape<TIsa, TVector>.Rows;
        WorkRange panels = WorkRange.Of(TileShape<TIsa, TVector>.RowPanels(rows), member, members);
        for (int group = 0; group < Plan.Groups; group++)
        {
            float* weights = Weights + ((nint)group * Plan.WeightGroupStride);
            float* packed = Packed + ((nint)group * paddedRows * Plan.Size.Products * Plan.Depth);
            for (int panel = (int)panels.Start; panel < panels.End; panel++)
            {
                int row = panel * TileShape<TIsa, TVector>.Rows, first = row / slabRows * slabRows;
                int height = TileShape<TIsa, TVector>.HeightFor(rows - row), slabHeight = Math.Min(slabRows, paddedRows - first);
                Pack(weights, row, Math.Min(height, rows - row), height, packed + ((nint)first * Plan.Size.Products * Plan.Depth) + ((nint)(row - first) * Plan.Depth), (nint)slabHeight * Plan.Depth);
            }
        }
    }

    private readonly void Pack(float* weights, int firstRow, int rows, int height, float* panel, nint product)
    {
        for (int depth = 0; depth < Plan.Depth; depth++, panel += height)
        {
            float* filter = weights + ((nint)firstRow * Plan.RowStride) + ((nint)depth * Plan.DepthStride);
            for (int row = 0; row < rows; row++, filter += Plan.RowStride)
                TFiltering.Filter(filter, Plan.IsRotated, panel + row, product);
            for (int row = rows; row < height; row++)
            {
                for (int i = 0; i < Plan.Size.Products; i++)
                    panel[(i * product) + row] = 0;
            }
        }
    }
}
