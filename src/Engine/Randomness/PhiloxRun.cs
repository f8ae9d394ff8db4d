using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Lockstep.Engine.Randomness;

/// <summary>Many blocks of <see cref="Philox"/> at once, whose counters differ in the first word by one each.</summary>
internal static unsafe class PhiloxRun
{
    private const int BlocksAtOnce = 4;

    /// <summary>The words of <paramref name="blocks"/> blocks, in order: those of <see cref="Philox.Words"/>.</summary>
    /// <param name="counter">The first block's counter; its first word must not overflow on the way.</param>
    /// <param name="key0">The key's first word.</param>
    /// <param name="key1">The key's second word.</param>
    /// <param name="words">Receives 4·blocks words.</param>
    /// <param name="blocks">How many.</param>
    public static void Fill(RandomBlock counter, uint key0, uint key1, uint* words, int blocks)
    {
        int done = Avx2.IsSupported ? FillFours(counter, key0, key1, words, blocks) : 0;
        FillOnes(counter with { Word0 = counter.Word0 + (uint)done }, key0, key1, words + (4 * done), blocks - done);
    }

    internal static void FillOnes(RandomBlock counter, uint key0, uint key1, uint* words, int blocks)
    {
        for (int i = 0; i < blocks; i++, words += 4)
            (words[0], words[1], words[2], words[3]) = Philox.Words(counter with { Word0 = counter.Word0 + (uint)i }, key0, key1);
    }

    // A block a lane of 64 bits, of which the lower 32 count: the product of two lanes leaves its upper half where a shift finds it, and
    // whatever stands above the lower half is seen by no product.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int FillFours(RandomBlock counter, uint key0, uint key1, uint* words, int blocks)
    {
        var multiplier0 = Vector256.Create((ulong)Philox.Multiplier0).AsUInt32();
        var multiplier1 = Vector256.Create((ulong)Philox.Multiplier1).AsUInt32();
        var lower = Vector256.Create((ulong)uint.MaxValue);
        var four = Vector256.Create(0UL, 1, 2, 3);
        int done = 0;
        for (; done + BlocksAtOnce <= blocks; done += BlocksAtOnce, words += 4 * BlocksAtOnce)
        {
            Vector256<ulong> c0 = Vector256.Create((ulong)(counter.Word0 + (uint)done)) + four;
            var c1 = Vector256.Create((ulong)counter.Word1);
            var c2 = Vector256.Create((ulong)counter.Word2);
            var c3 = Vector256.Create((ulong)counter.Word3);
            (uint k0, uint k1) = (key0, key1);
            for (int round = 0; round < Philox.Rounds; round++)
            {
                Vector256<ulong> product0 = Avx2.Multiply(c0.AsUInt32(), multiplier0);
                Vector256<ulong> product1 = Avx2.Multiply(c2.AsUInt32(), multiplier1);
                c0 = (product1 >>> 32) ^ c1 ^ Vector256.Create((ulong)k0);
                c1 = product1;
                c2 = (product0 >>> 32) ^ c3 ^ Vector256.Create((ulong)k1);
                c3 = product0;
                k0 += Philox.KeyStep0;
                k1 += Philox.KeyStep1;
            }
            Vector256<ulong> first = (c0 & lower) | (c1 << 32);
            Vector256<ulong> second = (c2 & lower) | (c3 << 32);
            Vector256<ulong> even = Avx2.UnpackLow(first, second), odd = Avx2.UnpackHigh(first, second);
            Avx2.Permute2x128(even, odd, 0x20).AsUInt32().Store(words);
            Avx2.Permute2x128(even, odd, 0x31).AsUInt32().Store(words + 8);
        }
        return done;
    }
}
