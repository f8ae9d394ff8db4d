using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lockstep.Engine.Threading;

namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>Sums of each channel of a batch of images, as the gradients of a convolution's biases are.</summary>
internal static unsafe class ChannelSums
{
    // Channels of which each member adds up four vectors' worth at a time: four chains hide each other's latency.
    private const int Strip = 16;

    // Places at a time, a cache line of each channel: planes whose length is a power of two push each other's lines out of the first-level cache, so a line should be read once.
    private const int Block = 16;
    private const long SmallestShared = 64 * 1024;

    /// <summary>
    /// result[c] = Σ over leaves of Σ over the leaf's samples and places, in order from +0, of y[n, c, place]; the leaves added as a balanced
    /// binary tree.
    /// </summary>
    /// <param name="crew">Who computes; the number of threads changes no bit.</param>
    /// <param name="y">[N, C, places].</param>
    /// <param name="channels">C.</param>
    /// <param name="places">Places of a channel.</param>
    /// <param name="leafBounds">leaves + 1 entries: leaf i holds the samples from entry i up to entry i + 1.</param>
    /// <param name="result">[C], overwritten.</param>
    public static void SumLeaves(ComputeCrew crew, float* y, int channels, int places, ReadOnlySpan<int> leafBounds, float* result)
    {
        LeafBounds.Require(leafBounds);
        fixed (int* bounds = leafBounds)
        {
            var job = new Job { Crew = crew, Y = y, Channels = channels, Places = places, Bounds = bounds, Leaves = leafBounds.Length - 1, Result = result };
            if ((long)(leafBounds[^1] - leafBounds[0]) * channels * places >= SmallestShared)
                crew.Run(ref job);
            else
                crew.RunAlone(ref job);
        }
    }

    private struct Job : ICrewJob
    {
        public ComputeCrew Crew;
        public float* Y;
        public int Channels;
        public int Places;
        public int* Bounds;
        public int Leaves;
        public float* Result;

        public readonly void Execute(int member, int members)
        {
            WorkRange strips = WorkRange.Of((Channels + Strip - 1) / Strip, member, members);
            float* stack = Crew.MemberScratch(member, (BitOperations.Log2((uint)Leaves) + 1L) * Strip);
            for (long strip = strips.Start; strip < strips.End; strip++)
                SumStrip((int)strip * Strip, stack);
        }

        private readonly void SumStrip(int first, float* stack)
        {
            int channels = Math.Min(Strip, Channels - first);
            for (int leaf = 0; leaf < Leaves; leaf++)
            {
                // Leaf number …0111 completes three nodes of the tree: as many levels wait on the stack as the number ends in ones.
                int complete = BitOperations.TrailingZeroCount(~leaf);
                float* sum = stack + (complete * Strip);
                new Span<float>(sum, Strip).Clear();
                for (int sample = Bounds[leaf]; sample < Bounds[leaf + 1]; sample++)
                {
                    float* planes = Y + ((((nint)sample * Channels) + first) * Places);
                    if (channels == Strip)
                        AddStrip(planes, sum);
                    else
                        AddChannels(planes, channels, sum);
                }
                for (int level = 0; level < complete; level++)
                    VectorMath.Add(stack + (level * Strip), sum, sum, Strip);
            }
            new ReadOnlySpan<float>(stack + (BitOperations.Log2((uint)Leaves) * Strip), channels).CopyTo(new Span<float>(Result + first, channels));
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void AddStrip(float* planes, float* sum)
        {
            float* turned = stackalloc float[Block * Strip];
            nint places = Places;
            Vector128<float> s0 = Vector128.Load(sum), s1 = Vector128.Load(sum + 4), s2 = Vector128.Load(sum + 8), s3 = Vector128.Load(sum + 12);
            nint place = 0;
            for (nint count; place + 4 <= places; place += count)
            {
                count = Math.Min(Block, (places - place) & ~3);
                for (nint channel = 0; channel < Strip; channel += 4)
                {
                    float* from = planes + (channel * places) + place;
                    for (nint next = 0; next < count; next += 4)
                        Transposition.Transpose4(from + next, places, turned + (next * Strip) + channel, Strip);
                }
                for (float* row = turned; row != turned + (count * Strip); row += Strip)
                {
                    s0 += Vector128.Load(row);
                    s1 += Vector128.Load(row + 4);
                    s2 += Vector128.Load(row + 8);
                    s3 += Vector128.Load(row + 12);
                }
            }
            s0.Store(sum);
            s1.Store(sum + 4);
            s2.Store(sum + 8);
            s3.Store(sum + 12);
            for (; place < places; place++)
                for (nint channel = 0; channel < Strip; channel++)
                    sum[channel] += planes[(channel * places) + place];
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void AddChannels(float* planes, int channels, float* sum)
        {
            for (int channel = 0; channel < channels; channel++)
            {
                float* plane = planes + ((nint)channel * Places);
                float total = sum[channel];
                for (int place = 0; place < Places; place++)
                    total += plane[place];
                sum[channel] = total;
            }
        }
    }
}
