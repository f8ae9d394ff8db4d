namespace Lockstep.Engine.Tests.Kernels;

/// <summary>The definition of a matrix product, number by number: the oracle of every fast one.</summary>
internal static class NaiveProduct
{
    private const int BlockLength = 512;

    /// <summary>One element: chains of 512 or another block's length, their results added in order.</summary>
    public static float Element(Func<int, float> left, Func<int, float> right, int start, int end, int block = BlockLength)
    {
        float total = 0;
        for (int first = start; first < end; first += block)
        {
            float chain = 0;
            for (int k = first; k < Math.Min(end, first + block); k++)
                chain = float.FusedMultiplyAdd(left(k), right(k), chain);
            total = first == start ? chain : total + chain;
        }
        return total;
    }

    /// <summary>The balanced tree over leaves.</summary>
    public static float Tree(ReadOnlySpan<int> bounds, Func<int, int, float> leaf)
    {
        int leaves = bounds.Length - 1;
        if (leaves == 1)
            return leaf(bounds[0], bounds[1]);
        return Tree(bounds[..((leaves / 2) + 1)], leaf) + Tree(bounds[(leaves / 2)..], leaf);
    }
}
