using System.Runtime.Intrinsics;
using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.LocalConnections;

/// <summary>
/// The products of a locally connected layer, weight [filters, places, channels, taps]: as a convolution's, with weights of its own at each place.
/// Every number is a chain of fused multiply-adds in blocks of 512, as a matrix product's.
/// </summary>
internal static unsafe class LocalProduct
{
    /// <summary>features(f, place) = Σ over (channel, kh, kw) of weight·pixel; padding counts as +0.</summary>
    /// <param name="crew">Who computes; the number of threads changes no bit.</param>
    /// <param name="shape">One group.</param>
    /// <param name="samples">N.</param>
    /// <param name="weights">[filters, places, channels, taps].</param>
    /// <param name="images">[image + 1, lanes], the last row +0 (<see cref="SampleLanes"/>).</param>
    /// <param name="features">[features, lanes], written.</param>
    public static void Features(ComputeCrew crew, ConvolutionShape shape, int samples, float* weights, float* images, float* features) =>
        Gather(crew, shape, samples, isBackward: false, weights, images, features);

    /// <summary>images(c, pixel) = Σ over (filter, kh, kw) of weight·feature, of those places of the features that see the pixel.</summary>
    public static void Images(ComputeCrew crew, ConvolutionShape shape, int samples, float* weights, float* features, float* images) =>
        Gather(crew, shape, samples, isBackward: true, weights, features, images);

    /// <summary>weights = Σ over samples of feature gradient times pixel, the leaves added as a balanced binary tree.</summary>
    /// <param name="crew">Who computes; the number of threads changes no bit.</param>
    /// <param name="shape">One group.</param>
    /// <param name="leafBounds">leaves + 1 entries: leaf i holds the samples from entry i up to entry i + 1, perhaps none, which is +0.</param>
    /// <param name="images">[N, image].</param>
    /// <param name="gradients">[N, features].</param>
    /// <param name="result">[filters, places, channels, taps], overwritten.</param>
    public static void SumLeaves(ComputeCrew crew, ConvolutionShape shape, ReadOnlySpan<int> leafBounds, float* images, float* gradients, float* result)
    {
        LeafBounds.Require(leafBounds);
        if (VectorWidth.Lanes == Isa512.Width)
            LocalProduct<Isa512, Vector512<float>>.SumLeaves(crew, shape, leafBounds, images, gradients, result);
        else if (VectorWidth.Lanes == Isa256.Width)
            LocalProduct<Isa256, Vector256<float>>.SumLeaves(crew, shape, leafBounds, images, gradients, result);
        else if (VectorWidth.Lanes == Isa128.Width)
            LocalProduct<Isa128, Vector128<float>>.SumLeaves(crew, shape, leafBounds, images, gradients, result);
        else
            LocalProduct<IsaScalar, float>.SumLeaves(crew, shape, leafBounds, images, gradients, result);
    }

    private static void Gather(ComputeCrew crew, ConvolutionShape shape, int samples, bool isBackward, float* weights, float* source, float* result)
    {
        if (VectorWidth.Lanes == Isa512.Width)
            LocalProduct<Isa512, Vector512<float>>.Gather(crew, shape, samples, isBackward, weights, source, result);
        else if (VectorWidth.Lanes == Isa256.Width)
            LocalProduct<Isa256, Vector256<float>>.Gather(crew, shape, samples, isBackward, weights, source, result);
        else if (VectorWidth.Lanes == Isa128.Width)
            LocalProduct<Isa128, Vector128<float>>.Gather(crew, shape, samples, isBackward, weights, source, result);
        else
            LocalProduct<IsaScalar, float>.Gather(crew, shape, samples, isBackward, weights, source, result);
    }
}

/// <summary>The same at one vector width.</summary>
internal static unsafe class LocalProduct<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    public static void Gather(ComputeCrew crew, ConvolutionShape shape, int samples, bool isBackward, float* weights, float* source, float* result)
    {
        if (samples == 0)
            return;
        var job = new LocalGatherJob<TIsa, TVector> { Crew = crew, Shape = shape, Lanes = SampleLanes.For(samples), IsBackward = isBackward, Weights = weights, Source = source, Result = result };
        crew.Run(ref job);
    }

    public static void SumLeaves(ComputeCrew crew, ConvolutionShape shape, ReadOnlySpan<int> leafBounds, float* images, float* gradients, float* result)
    {
        fixed (int* bounds = leafBounds)
        {
            var job = new LocalGradientJob<TIsa, TVector> { Crew = crew, Shape = shape, Bounds = bounds, Leaves = leafBounds.Length - 1, Images = images, Gradients = gradients, Result = result };
            crew.Run(ref job);
        }
    }
}
