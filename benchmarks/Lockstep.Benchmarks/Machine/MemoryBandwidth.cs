using System.Diagnostics;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Memory;

namespace Lockstep.Benchmarks.Machine;

/// <summary>Bytes that one core moves in a second: z = x + y over three arrays, two read and one written.</summary>
internal static unsafe class MemoryBandwidth
{
    private const int Arrays = 3;
    private const int Trials = 50;

    /// <summary>The best of several trials.</summary>
    /// <param name="length">Numbers in each array: what fits a cache is measured in that cache.</param>
    /// <param name="repetitions">Additions a trial.</param>
    public static double OfOneCore(int length, int repetitions)
    {
        using FloatBuffer x = new(length), y = new(length), z = new(length);
        double best = 0;
        for (int trial = 0; trial < Trials; trial++)
        {
            long start = Stopwatch.GetTimestamp();
            for (int i = 0; i < repetitions; i++)
                VectorMath.Add(x.Pointer, y.Pointer, z.Pointer, length);
            double bytes = (double)Arrays * length * sizeof(float) * repetitions;
            best = Math.Max(best, bytes / Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }
}
