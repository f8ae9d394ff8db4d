using System.Runtime.Intrinsics;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Tests.Kernels;

/// <summary>Loads that take every second or every fourth number.</summary>
public sealed unsafe class ApartLoadTests
{
    [Fact]
    public void Numbers_come_apart_in_order_at_every_width()
    {
        Check<IsaScalar, float>();
        Check<Isa128, Vector128<float>>();
        Check<Isa256, Vector256<float>>();
        Check<Isa512, Vector512<float>>();
        Check<Twice<Isa128, Vector128<float>>, Pair<Vector128<float>>>();
        Check<Twice<Isa256, Vector256<float>>, Pair<Vector256<float>>>();
    }

    private static void Check<TIsa, TVector>()
        where TIsa : struct, ISimd<TVector>
        where TVector : struct
    {
        // One number in front, so that no load is aligned.
        float[] numbers = [.. Enumerable.Range(-1, (4 * TIsa.Width) + 1).Select(number => (float)number)];
        float[] found = new float[TIsa.Width];
        fixed (float* source = &numbers[1], to = found)
        {
            TIsa.LoadPairs(source, out TVector even, out TVector odd);
            RequireEvery(2, 0, even, to);
            RequireEvery(2, 1, odd, to);
            TIsa.LoadFours(source, out TVector first, out TVector second, out TVector third, out TVector fourth);
            RequireEvery(4, 0, first, to);
            RequireEvery(4, 1, second, to);
            RequireEvery(4, 2, third, to);
            RequireEvery(4, 3, fourth, to);
        }

        void RequireEvery(int step, int start, TVector vector, float* to)
        {
            TIsa.Store(to, vector);
            Assert.Equal(Enumerable.Range(0, TIsa.Width).Select(lane => (float)((step * lane) + start)), found);
        }
    }
}
