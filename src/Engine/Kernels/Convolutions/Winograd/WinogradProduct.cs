using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.Convolutions.Winograd;

/// <summary>The passes of a <see cref="WinogradPlan"/> by its filtering.</summary>
internal static unsafe class WinogradProduct<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    public static void Pack(ComputeCrew crew, WinogradPlan plan, float* weights, float* packed)
    {
        if (plan.Size == FilteringSize.Three)
            Run(crew, new WinogradPacking<TIsa, TVector, ThreeTaps> { Crew = crew, Plan = plan, Weights = weights, Packed = packed }, plan.PackedLength(TileShape<TIsa, TVector>.PaddedRows(plan.Rows)));
        else
            Run(crew, new WinogradPacking<TIsa, TVector, FiveTaps> { Crew = crew, Plan = plan, Weights = weights, Packed = packed }, plan.PackedLength(TileShape<TIsa, TVector>.PaddedRows(plan.Rows)));
    }

    public static void Multiply(ComputeCrew crew, WinogradPlan plan, int samples, float* packed, float* bias, float* input, float* output)
    {
        long work = (long)samples * plan.Groups * plan.Rows * plan.Depth * plan.Tiles * plan.Size.Products;
        if (plan.Size == FilteringSize.Three)
            Run(crew, new WinogradJob<TIsa, TVector, ThreeTaps> { Crew = crew, Plan = plan, Samples = samples, Packed = packed, Bias = bias, Input = input, Output = output }, work);
        else
            Run(crew, new WinogradJob<TIsa, TVector, FiveTaps> { Crew = crew, Plan = plan, Samples = samples, Packed = packed, Bias = bias, Input = input, Output = output }, work);
    }

    public static void SumLeaves(ComputeCrew crew, WinogradPlan plan, ReadOnlySpan<int> leafBounds, float* images, float* gradients, float* result)
    {
        if (plan.Size == FilteringSize.Three)
            WinogradGradient<TIsa, TVector, ThreeTaps>.SumLeaves(crew, plan, leafBounds, images, gradients, result);
        else
            WinogradGradient<TIsa, TVector, FiveTaps>.SumLeaves(crew, plan, leafBounds, images, gradients, result);
    }

    private static void Run<TJob>(ComputeCrew crew, TJob job, long work)
        where TJob : struct, ICrewJob => GatherProduct<TIsa, TVector>.Run(crew, ref job, work);
}
