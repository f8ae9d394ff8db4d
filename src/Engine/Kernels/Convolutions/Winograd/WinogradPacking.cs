using System.Runtime.Intrinsics;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>
/// Transforms the filters, G·g·Gᵀ, and lays them out as the tiles read them: group by group, panel of rows by panel, product by product [depth, height]. Panels are shared out among the threads.
/// </summary>
internal unsafe struct WinogradPacking<TIsa, TVector, TFiltering> : ICrewJob
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
    where TFiltering : struct, IMinimalFiltering
{
    // So many channels' filters lie side by side before they are laid out: with a stride of a power of two, lines that are written in pieces would be evicted in between.
    private const int Strip = 16;

    public ComputeCrew Crew;
    public WinogradPlan Plan;
    public float* Weights;
    public float* Packed;

    public readonly void Execute(int member, int members)
    {
        int rows = Plan.Rows, paddedRows = TileShape<TIsa, TVector>.PaddedRows(rows);
        float* transformed = Crew.MemberScratch(member, (long)((Plan.Size.Products * Strip) + (Plan.Size.Points * Plan.Size.Taps)) * TileShape<TIsa, TVector>.Rows);
        WorkRange panels = WorkRange.Of(TileShape<TIsa, TVector>.RowPanels(rows), member, members);
        for (int group = 0; group < Plan.Groups; group++)
        {
            float* weights = Weights + ((nint)group * Plan.WeightGroupStride);
            float* packed = Packed + ((nint)group * paddedRows * Plan.Size.Products * Plan.Depth);
            for (int panel = (int)panels.Start; panel < panels.End; panel++)
            {
                int row = panel * TileShape<TIsa, TVector>.Rows;
                Pack(weights, row, Math.Min(TileShape<TIsa, TVector>.Rows, rows - row), TileShape<TIsa, TVector>.HeightFor(rows - row), packed + ((nint)row * Plan.Size.Products * Plan.Depth), transformed);
            }
        }
    }

    private readonly void Pack(float* weights, int firstRow, int rows, int height, float* panel, float* transformed)
    {
        nint product = (nint)Plan.Depth * height;
        float* taps = transformed + ((nint)Plan.Size.Products * Strip * height);
        for (int first = 0; first < Plan.Depth; first += Strip, panel += Strip * height)
        {
            int channels = Math.Min(Strip, Plan.Depth - first);
            float* filters = weights + ((nint)firstRow * Plan.RowStride) + ((nint)first * Plan.DepthStride);
            for (int channel = 0; channel < channels; channel++, filters += Plan.DepthStride)
            {
                // Heights are multiples of four; rows that do not exist are zeros.
                PanelPacking.Pack(filters, Plan.RowStride, lanesAdjacent: false, rows, height, Plan.Size.FilterTaps, taps);
                TFiltering.Filters<Isa128, Vector128<float>>(taps, Plan.IsRotated, height, transformed + (channel * height), Strip * height);
            }
            for (int i = 0; i < Plan.Size.Products; i++)
                new ReadOnlySpan<float>(transformed + ((nint)i * Strip * height), channels * height).CopyTo(new Span<float>(panel + (i * product), channels * height));
        }
    }
}
