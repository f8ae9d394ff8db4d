using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>
/// Transforms the filters, G·g·Gᵀ, and lays them out as the tiles read them: group by group, panel of rows by panel, product by product [depth, height]. Panels are shared out among the threads.
/// </summary>
internal unsafe struct WinogradPacking<TIsa, TVector> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    public WinogradPlan Plan;
    public float* Weights;
    public float* Packed;

    public readonly void Execute(int member, int members)
    {
        int rows = Plan.Rows, paddedRows = TileShape<TIsa, TVector>.PaddedRows(rows);
        WorkRange panels = WorkRange.Of(TileShape<TIsa, TVector>.RowPanels(rows), member, members);
        for (int group = 0; group < Plan.Groups; group++)
        {
            float* weights = Weights + ((nint)group * Plan.WeightGroupStride);
            float* packed = Packed + ((nint)group * paddedRows * WinogradPlan.Products * Plan.Depth);
            for (int panel = (int)panels.Start; panel < panels.End; panel++)
            {
                int row = panel * TileShape<TIsa, TVector>.Rows;
                Pack(weights, row, Math.Min(TileShape<TIsa, TVector>.Rows, rows - row), TileShape<TIsa, TVector>.HeightFor(rows - row), packed + ((nint)row * WinogradPlan.Products * Plan.Depth));
            }
        }
    }

    private readonly void Pack(float* weights, int firstRow, int rows, int height, float* panel)
    {
        nint product = (nint)Plan.Depth * height;
        for (int depth = 0; depth < Plan.Depth; depth++, panel += height)
        {
            float* filter = weights + ((nint)firstRow * Plan.RowStride) + ((nint)depth * Plan.DepthStride);
            for (int row = 0; row < rows; row++, filter += Plan.RowStride)
                FilterTransform.Apply(filter, Plan.IsRotated, panel + row, product);
            for (int row = rows; row < height; row++)
            {
                for (int i = 0; i < WinogradPlan.Products; i++)
                    panel[(i * product) + row] = 0;
            }
        }
    }
}
