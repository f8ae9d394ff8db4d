using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>Lays out a panel of places that the kernel cannot read where they lie: rows of the grid that are shorter than its vectors.</summary>
internal static unsafe class PlacePacking
{
    /// <summary>panel[k·width + lane] = the source at lane's place and k's offset; lanes that do not exist are +0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(in RightPanel right, float* panel)
    {
        PanelRun* end = right.Runs + right.RunCount;
        int lanes = right.Lanes, width = right.Width;
        for (int k = 0; k < right.Depth; k++, panel += width)
        {
            float* source = right.Source + right.Offsets[k];
            for (PanelRun* run = right.Runs; run != end; run++)
                Copy(source + run->Source, panel + run->Lane, run->Length);
            for (int lane = lanes; lane < width; lane++)
                panel[lane] = 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Copy(float* from, float* to, int count)
    {
        for (; count >= 8; count -= 8, from += 8, to += 8)
            Vector256.Load(from).Store(to);
        if ((count & 4) != 0)
        {
            Vector128.Load(from).Store(to);
            from += 4;
            to += 4;
        }
        if ((count & 2) != 0)
        {
            to[0] = from[0];
            to[1] = from[1];
            from += 2;
            to += 2;
        }
        if ((count & 1) != 0)
            *to = *from;
    }
}
