using System.Runtime.CompilerServices;

namespace Lockstep.Engine.Randomness;

/// <summary>Four random words.</summary>
public readonly record struct RandomBlock(uint Word0, uint Word1, uint Word2, uint Word3);

/// <summary>
/// Philox4x32-10: a bijection of 128 bits keyed by 64, whose outputs pass the known statistical tests. Counter in, random
/// words out, no state. (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3, SC 2011.)
/// </summary>
public static class Philox
{
    internal const int Rounds = 10;
    internal const uint Multiplier0 = 0xD2511F53;
    internal const uint Multiplier1 = 0xCD9E8D57;
    internal const uint KeyStep0 = 0x9E3779B9;
    internal const uint KeyStep1 = 0xBB67AE85;

    /// <summary>The random words that belong to a counter and a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RandomBlock Words(RandomBlock counter, uint key0, uint key1)
    {
        (uint c0, uint c1, uint c2, uint c3) = counter;
        for (int round = 0; round < Rounds; round++)
        {
            ulong product0 = (ulong)Multiplier0 * c0;
            ulong product1 = (ulong)Multiplier1 * c2;
            c0 = (uint)(product1 >> 32) ^ c1 ^ key0;
            c1 = (uint)product1;
            c2 = (uint)(product0 >> 32) ^ c3 ^ key1;
            c3 = (uint)product0;
            key0 += KeyStep0;
            key1 += KeyStep1;
        }
        return new RandomBlock(c0, c1, c2, c3);
    }
}
