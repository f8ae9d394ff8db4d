using System.Numerics;
using Lockstep.Engine.Simd;

namespace Lockstep.Engine.Kernels;

/// <summary>The steps of a tile whose k runs over the samples of a tree's leaves.</summary>
internal static unsafe class LeafSchedule
{
    // So many k the paired kernel does without a loop.
    private const int UnrolledSamples = 4;

    /// <summary>Slot 0 is for the blocks of a leaf, and each level of the tree has one.</summary>
    public static int Slots(ReadOnlySpan<int> bounds) => BitOperations.Log2((uint)(bounds.Length - 1)) + 2;

    /// <summary>A step for each block of each leaf; an empty leaf has one too.</summary>
    public static int StepCount(ReadOnlySpan<int> bounds)
    {
        int count = 0;
        for (int leaf = 0; leaf < bounds.Length - 1; leaf++)
            count += Blocks(bounds[leaf + 1] - bounds[leaf]);
        return count;
    }

    /// <summary>Whether whole tiles can go through the leaves two to a round (<see cref="PairedLeafKernel{TIsa, TVector}"/>), which changes no bit.</summary>
    /// <param name="bounds">Where leaves begin and end.</param>
    public static bool CanPair<TIsa, TVector>(ReadOnlySpan<int> bounds)
        where TIsa : struct, ISimd<TVector>
        where TVector : struct =>
        TileShape<TIsa, TVector>.IsFourByThree && bounds.Length > 2 && HaveOneLongStepEach(bounds);

    /// <summary>How many float32 take as much memory as the steps.</summary>
    public static long ScratchLength(int steps) => (long)steps * sizeof(TileStep) / sizeof(float);

    public static void Fill(ReadOnlySpan<int> bounds, TileStep* steps)
    {
        for (int leaf = 0; leaf < bounds.Length - 1; leaf++)
        {
            int rest = bounds[leaf + 1] - bounds[leaf];
            bool continues = false;
            for (; rest > MatrixProduct.BlockLength; rest -= MatrixProduct.BlockLength)
            {
                *steps++ = new TileStep { Depth = MatrixProduct.BlockLength, Continues = continues };
                continues = true;
            }
            // Leaf number …0111 completes three nodes: as many levels wait in their slots as the number ends in ones.
            int complete = BitOperations.TrailingZeroCount(~leaf);
            *steps++ = new TileStep { Depth = rest, Continues = continues, Levels = complete, Slot = complete + 1 };
        }
    }

    private static bool HaveOneLongStepEach(ReadOnlySpan<int> bounds)
    {
        for (int leaf = 0; leaf < bounds.Length - 1; leaf++)
        {
            if (bounds[leaf + 1] - bounds[leaf] is < UnrolledSamples or > MatrixProduct.BlockLength)
                return false;
        }
        return true;
    }

    private static int Blocks(int samples) => Math.Max(1, (samples + MatrixProduct.BlockLength - 1) / MatrixProduct.BlockLength);
}
