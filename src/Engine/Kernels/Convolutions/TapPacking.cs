using System.Runtime.CompilerServices;

namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>Places of a block that lie side by side in one row of one sample.</summary>
internal unsafe struct TapRun
{
    /// <summary>The first place's source.</summary>
    public float* Source;

    /// <summary>The first place within the block.</summary>
    public int Start;

    /// <summary>How many.</summary>
    public int Length;
}

/// <summary>Lays out what some taps see at a block's places, the taps side by side.</summary>
internal static unsafe class TapPacking
{
    /// <summary>panel[place·width + lane] = the source at the place and the lane's tap; lanes that do not exist are +0.</summary>
    /// <param name="runs">Which places.</param>
    /// <param name="count">How many runs.</param>
    /// <param name="taps">Each lane's offset.</param>
    /// <param name="lanes">Lanes that exist.</param>
    /// <param name="width">The same in whole vectors.</param>
    /// <param name="panel">Overwritten.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(TapRun* runs, int count, int* taps, int lanes, int width, float* panel)
    {
        int fours = lanes & ~3;
        for (TapRun* run = runs; run != runs + count; run++)
        {
            float* to = panel + ((nint)run->Start * width);
            int length = run->Length;
            for (int lane = 0; lane < fours; lane += 4)
                TransposeFour(run->Source, taps + lane, length, to + lane, width);
            for (int lane = fours; lane < lanes; lane++)
            {
                float* from = run->Source + taps[lane];
                for (int place = 0; place < length; place++)
                    to[((nint)place * width) + lane] = from[place];
            }
            for (int lane = lanes; lane < width; lane++)
                for (int place = 0; place < length; place++)
                    to[((nint)place * width) + lane] = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeFour(float* source, int* taps, int length, float* to, nint width)
    {
        float* r0 = source + taps[0], r1 = source + taps[1], r2 = source + taps[2], r3 = source + taps[3];
        nint place = 0;
        for (; place + 4 <= length; place += 4)
            Transposition.Transpose4(r0 + place, r1 + place, r2 + place, r3 + place, to + (place * width), width);
        for (; place < length; place++)
        {
            to[place * width] = r0[place];
            to[(place * width) + 1] = r1[place];
            to[(place * width) + 2] = r2[place];
            to[(place * width) + 3] = r3[place];
        }
    }
}
