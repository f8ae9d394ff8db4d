namespace Lockstep.Engine.Randomness;

/// <summary>The order in which an epoch goes through the samples.</summary>
public static class Permutation
{
    /// <summary>
    /// A permutation of 0 … <paramref name="count"/> − 1, every one equally likely as far as the seed allows
    /// (Fisher and Yates, from the last place down: Knuth, TAOCP 2, algorithm P).
    /// </summary>
    public static int[] OfEpoch(ulong seed, long epoch, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var random = new CounterRandom(seed, RandomPurpose.Shuffle);
        var order = new int[count];
        for (int i = 0; i < count; i++)
            order[i] = i;
        for (int last = count - 1; last > 0; last--)
        {
            int other = (int)random.Below((uint)last + 1, (ulong)epoch, 0, (uint)last);
            (order[last], order[other]) = (order[other], order[last]);
        }
        return order;
    }
}
