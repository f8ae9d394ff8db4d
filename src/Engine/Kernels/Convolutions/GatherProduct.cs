using System.Runtime.Intrinsics;
using Lockstep.Engine.Kernels.Convolutions.Winograd;
using Lockstep.Engine.Simd;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>
/// Convolutions and their input gradients. Every number is computed as a matrix product's is: k in blocks of 512, inside a block one chain
/// of fused multiply-adds from +0, in order, the blocks' results added in order, a bias once after that. Padding counts as +0. Where a set has a <see cref="WinogradPlan"/>, its products are.
/// </summary>
internal static unsafe class GatherProduct
{
    /// <summary>Numbers that a set's weights take, packed for this process's vector width.</summary>
    public static long PackedLength(GatherSet set)
    {
        if (VectorWidth.Lanes == Isa512.Width)
            return GatherProduct<Isa512, Vector512<float>>.PackedLength(set);
        if (VectorWidth.Lanes == Isa256.Width)
            return GatherProduct<Isa256, Vector256<float>>.PackedLength(set);
        if (VectorWidth.Lanes == Isa128.Width)
            return GatherProduct<Isa128, Vector128<float>>.PackedLength(set);
        return GatherProduct<IsaScalar, float>.PackedLength(set);
    }

    public static void Pack(ComputeCrew crew, GatherSet set, float* weights, float* packed)
    {
        if (VectorWidth.Lanes == Isa512.Width)
            GatherProduct<Isa512, Vector512<float>>.Pack(crew, set, weights, packed);
        else if (VectorWidth.Lanes == Isa256.Width)
            GatherProduct<Isa256, Vector256<float>>.Pack(crew, set, weights, packed);
        else if (VectorWidth.Lanes == Isa128.Width)
            GatherProduct<Isa128, Vector128<float>>.Pack(crew, set, weights, packed);
        else
            GatherProduct<IsaScalar, float>.Pack(crew, set, weights, packed);
    }

    /// <param name="crew">Who computes; the number of threads changes no bit.</param>
    /// <param name="set">What is computed.</param>
    /// <param name="samples">N.</param>
    /// <param name="packed">What <see cref="Pack"/> wrote.</param>
    /// <param name="bias">One number a channel of the result, and <see cref="BiasPadding"/> more that are only read; or null.</param>
    /// <param name="input">[N, source].</param>
    /// <param name="output">[N, result], written.</param>
    public static void Multiply(ComputeCrew crew, GatherSet set, int samples, float* packed, float* bias, float* input, float* output)
    {
        if (VectorWidth.Lanes == Isa512.Width)
            GatherProduct<Isa512, Vector512<float>>.Multiply(crew, set, samples, packed, bias, input, output);
        else if (VectorWidth.Lanes == Isa256.Width)
            GatherProduct<Isa256, Vector256<float>>.Multiply(crew, set, samples, packed, bias, input, output);
        else if (VectorWidth.Lanes == Isa128.Width)
            GatherProduct<Isa128, Vector128<float>>.Multiply(crew, set, samples, packed, bias, input, output);
        else
            GatherProduct<IsaScalar, float>.Multiply(crew, set, samples, packed, bias, input, output);
    }

    /// <summary>Numbers that must be readable after the biases: tiles have rows in fours.</summary>
    public const int BiasPadding = 3;
}

/// <summary>The same at one vector width.</summary>
internal static unsafe class GatherProduct<TIsa, TVector>
    where TIsa : struct, ISimd<TVector>
    where TVector : struct
{
    // Below this many multiplications a fork costs more than it gains.
    private const long SmallestShared = 32 * 1024;

    public static long PackedLength(GatherSet set)
    {
        int paddedRows = TileShape<TIsa, TVector>.PaddedRows(set.GroupRows);
        return set.Winograd?.PackedLength(paddedRows) ?? set.PackedLength(paddedRows);
    }

    public static void Pack(ComputeCrew crew, GatherSet set, float* weights, float* packed)
    {
        if (set.Winograd is { } winograd)
        {
            WinogradProduct<TIsa, TVector>.Pack(crew, winograd, weights, packed);
            return;
        }
        var job = new FilterPacking<TIsa, TVector> { Set = set, Weights = weights, Packed = packed };
        Run(crew, ref job, PackedLength(set));
    }

    public static void Multiply(ComputeCrew crew, GatherSet set, int samples, float* packed, float* bias, float* input, float* output)
    {
        if (samples == 0)
            return;
        if (set.Winograd is { } winograd)
        {
            WinogradProduct<TIsa, TVector>.Multiply(crew, winograd, samples, packed, bias, input, output);
            return;
        }
        var job = new GatherJob<TIsa, TVector> { Crew = crew, Set = set, Samples = samples, Packed = packed, Bias = bias, Input = input, Output = output };
        long work = 0;
        foreach (GatherPlan plan in set.Plans)
            work += (long)samples * set.Groups * set.GroupRows * plan.Places * Math.Max(1, plan.Depth);
        Run(crew, ref job, work);
    }

    /// <summary>By all members, or by one where the work is too little.</summary>
    public static void Run<TJob>(ComputeCrew crew, ref TJob job, long work)
        where TJob : struct, ICrewJob
    {
        if (work >= SmallestShared)
            crew.Run(ref job);
        else
            crew.RunAlone(ref job);
    }
}
