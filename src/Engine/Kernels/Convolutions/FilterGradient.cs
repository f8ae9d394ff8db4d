using System.Numerics;
using System.Runtime.Intrinsics;
using Lockstep.Engine.Kernels.Convolutions.Winograd;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>
/// The gradient of a convolution's weights: for each weight the sum over (sample, row, column) of a feature's gradient times the pixel that
/// the weight's tap sees there. Blocks of 512 places start anew at each leaf, and leaves are added as a balanced binary tree. Where a set has a <see cref="WinogradPlan"/>: <see cref="WinogradGradient{TIsa, TVector, TFiltering}"/>.
/// </summary>
internal static unsafe class FilterGradient
{
    /// <param name="crew">Who computes; the number of threads changes no bit.</param>
    /// <param name="set">The convolution, as <see cref="GatherSet.Correlation"/> has it.</param>
    /// <param name="leafBounds">leaves + 1 entries: leaf i holds the samples from entry i up to entry i + 1, perhaps none, which is +0.</param>
    /// <param name="images">[N, image], from sample 0 of the bounds.</param>
    /// <param name="gradients">∂L/∂features [N, features].</param>
    /// <param name="result">[filters, channels/groups, kH, kW], overwritten.</param>
    public static void SumLeaves(ComputeCrew crew, GatherSet set, ReadOnlySpan<int> leafBounds, float* images, float* gradients, float* result)
    {
        LeafBounds.Require(leafBounds);
        if (VectorWidth.Lanes == Isa512.Width)
            FilterGradient<Isa512, Vector512<float>>.SumLeaves(crew, set, leafBounds, images, gradients, result);
        else if (VectorWidth.Lanes == Isa256.Width)
            FilterGradient<Isa256, Vector256<float>>.SumLeaves(crew, set, leafBounds, images, gradients, result);
        else if (VectorWidth.Lanes == Isa128.Width)
            FilterGradient<Isa128, Vector128<float>>.SumLeaves(crew, set, leafBounds, images, gradients, result);
        else
            FilterGradient<IsaScalar, float>.SumLeaves(crew, set, leafBounds, images, gradients, result);
    }
}

/// <summary>The same at one vector width.</summary>
internal static unsafe class FilterGradient<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    private const int PartSlot = 1;
    private const long SmallestShared = 32 * 1024;

    // Weights from which on threads share out columns: a smaller gradient is better split by leaf, so that nobody packs what another packs too.
    private const long ManyWeights = 256 * 1024;

    public static void SumLeaves(ComputeCrew crew, GatherSet set, ReadOnlySpan<int> leafBounds, float* images, float* gradients, float* result)
    {
        if (set.Winograd is { } winograd)
        {
            WinogradProduct<TIsa, TVector>.SumLeaves(crew, winograd, leafBounds, images, gradients, result);
            return;
        }
        GatherPlan plan = set.Plans[0];
        long length = (long)set.Result.Channels * plan.Depth;
        int parts = length >= ManyWeights ? 1 : Parts(crew.Threads, leafBounds.Length - 1);
        fixed (int* bounds = leafBounds)
        {
            var job = new FilterGradientJob<TIsa, TVector>
            {
                Crew = crew,
                Set = set,
                Bounds = bounds,
                Leaves = leafBounds.Length - 1,
                Parts = parts,
                Images = images,
                Gradients = gradients,
                Result = result,
                PartResults = parts == 1 ? null : crew.SharedScratch(PartSlot, parts * length),
                PartLength = length,
            };
            if ((long)(leafBounds[^1] - leafBounds[0]) * plan.Places * length >= SmallestShared)
                crew.Run(ref job);
            else
                crew.RunAlone(ref job);
            if (parts > 1)
                AddParts(job.PartResults, parts, length, result);
        }
    }

    // As many subtrees as share out evenly; each is a node of the tree, so who sums it changes no bit.
    private static int Parts(int threads, int leaves)
    {
        if (threads == 1)
            return 1;
        int parts = (int)BitOperations.RoundUpToPowerOf2((uint)threads);
        return Math.Min(leaves, parts == threads ? parts : parts * 4);
    }

    private static void AddParts(float* parts, int count, long length, float* result)
    {
        for (int distance = 1; distance < count; distance *= 2)
        {
            for (int part = 0; part < count; part += 2 * distance)
                VectorMath.Add(parts + (part * length), parts + ((part + distance) * length), count == 2 * distance ? result : parts + (part * length), length);
        }
    }
}
