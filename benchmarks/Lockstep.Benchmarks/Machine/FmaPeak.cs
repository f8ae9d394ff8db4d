using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lockstep.Engine.Simd;

namespace Lockstep.Benchmarks.Machine;

/// <summary>
/// The most multiplications and additions that one core does in a second: twelve independent chains of fused multiply-adds
/// in registers, which is more than latency × throughput asks for on today's cores (4 cycles × 2 a cycle).
/// </summary>
internal static unsafe class FmaPeak
{
    private const int Chains = 12;
    private const int Iterations = 300_000;
    private const int Trials = 100;

    /// <summary>FLOP a second of one core at the vector width that the engine uses. The best of several trials: a peak is a bound.</summary>
    /// <remarks>Each takes about a millisecond: shorter than a scheduler's time slice, so that some are not interrupted.</remarks>
    public static double OfOneCore()
    {
        if (VectorWidth.Lanes == Isa512.Width)
            return Best<Isa512, Vector512<float>>();
        if (VectorWidth.Lanes == Isa256.Width)
            return Best<Isa256, Vector256<float>>();
        if (VectorWidth.Lanes == Isa128.Width)
            return Best<Isa128, Vector128<float>>();
        return Best<IsaScalar, float>();
    }

    private static double Best<TIsa, TVector>()
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        double flops = 2.0 * Chains * TIsa.Width * Iterations;
        double best = 0;
        float* sink = stackalloc float[TIsa.Width];
        for (int trial = 0; trial < Trials; trial++)
        {
            long start = Stopwatch.GetTimestamp();
            Run<TIsa, TVector>(sink);
            best = Math.Max(best, flops / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Run<TIsa, TVector>(float* sink)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        TVector factor = TIsa.Broadcast(0.999f), addend = TIsa.Broadcast(0.001f);
        TVector c0 = addend, c1 = addend, c2 = addend, c3 = addend, c4 = addend, c5 = addend;
        TVector c6 = addend, c7 = addend, c8 = addend, c9 = addend, c10 = addend, c11 = addend;
        for (int i = 0; i < Iterations; i++)
        {
            c0 = TIsa.FusedMultiplyAdd(c0, factor, addend);
            c1 = TIsa.FusedMultiplyAdd(c1, factor, addend);
            c2 = TIsa.FusedMultiplyAdd(c2, factor, addend);
            c3 = TIsa.FusedMultiplyAdd(c3, factor, addend);
            c4 = TIsa.FusedMultiplyAdd(c4, factor, addend);
            c5 = TIsa.FusedMultiplyAdd(c5, factor, addend);
            c6 = TIsa.FusedMultiplyAdd(c6, factor, addend);
            c7 = TIsa.FusedMultiplyAdd(c7, factor, addend);
            c8 = TIsa.FusedMultiplyAdd(c8, factor, addend);
            c9 = TIsa.FusedMultiplyAdd(c9, factor, addend);
            c10 = TIsa.FusedMultiplyAdd(c10, factor, addend);
            c11 = TIsa.FusedMultiplyAdd(c11, factor, addend);
        }
        TVector sum = TIsa.Add(TIsa.Add(TIsa.Add(c0, c1), TIsa.Add(c2, c3)), TIsa.Add(TIsa.Add(c4, c5), TIsa.Add(c6, c7)));
        TIsa.Store(sink, TIsa.Add(sum, TIsa.Add(TIsa.Add(c8, c9), TIsa.Add(c10, c11))));
    }
}
