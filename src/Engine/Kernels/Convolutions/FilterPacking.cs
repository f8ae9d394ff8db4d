using System.Runtime.CompilerServices;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>
/// Lays the weights of a set of sums out as the tiles read them: group by group, plan by plan, block of k by block, panels of rows.
/// Panels are shared out among the threads.
/// </summary>
internal unsafe struct FilterPacking<TIsa, TVector> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    public GatherSet Set;
    public float* Weights;
    public float* Packed;

    public readonly void Execute(int member, int members)
    {
        int rows = Set.GroupRows;
        int paddedRows = TileShape<TIsa, TVector>.PaddedRows(rows);
        WorkRange panels = WorkRange.Of(TileShape<TIsa, TVector>.RowPanels(rows), member, members);
        float* block = Packed;
        for (int group = 0; group < Set.Groups; group++)
        {
            foreach (GatherPlan plan in Set.Plans)
            {
                for (int start = 0; start < plan.Depth; start += MatrixProduct.BlockLength)
                {
                    int depth = Math.Min(MatrixProduct.BlockLength, plan.Depth - start);
                    for (int panel = (int)panels.Start; panel < panels.End; panel++)
                    {
                        int row = panel * TileShape<TIsa, TVector>.Rows;
                        float* first = Weights + ((nint)group * Set.WeightGroupStride) + ((nint)row * plan.WeightStride);
                        Pack(first, plan.WeightStride, plan.WeightOffsets + start, Math.Min(TileShape<TIsa, TVector>.Rows, rows - row), TileShape<TIsa, TVector>.HeightFor(rows - row), depth, block + ((nint)row * depth));
                    }
                    block += (nint)paddedRows * depth;
                }
            }
        }
    }

    /// <summary>panel[k·height + row] = first[row·stride + offsets[k]]; rows that do not exist are +0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(float* first, nint stride, int* offsets, int rows, int height, int depth, float* panel)
    {
        for (int k = 0; k < depth; k++, panel += height)
        {
            float* from = first + offsets[k];
            for (int row = 0; row < rows; row++, from += stride)
                panel[row] = *from;
            for (int row = rows; row < height; row++)
                panel[row] = 0;
        }
    }
}
