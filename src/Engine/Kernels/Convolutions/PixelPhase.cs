namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>
/// Pixels i·stride + Remainder of one axis. Tap t sees pixel y from place (y + padding − t·dilation)/stride of the output, where that is
/// whole, and that is i + a number of its own for every tap: the same taps see all these pixels.
/// </summary>
/// <param name="Remainder">The first pixel.</param>
/// <param name="Count">How many pixels.</param>
/// <param name="Taps">Which taps see them, in order, and from which place minus i.</param>
internal sealed record PixelPhase(int Remainder, int Count, IReadOnlyList<(int Tap, int Shift)> Taps)
{
    public static IReadOnlyList<PixelPhase> Of(WindowAxis axis)
    {
        var phases = new List<PixelPhase>();
        for (int remainder = 0; remainder < Math.Min(axis.Stride, axis.Input); remainder++)
        {
            var taps = new List<(int, int)>();
            for (int tap = 0; tap < axis.Kernel; tap++)
            {
                int distance = remainder + axis.Padding - (tap * axis.Dilation);
                if (distance % axis.Stride == 0)
                    taps.Add((tap, distance / axis.Stride));
            }
            phases.Add(new PixelPhase(remainder, (axis.Input - remainder + axis.Stride - 1) / axis.Stride, taps));
        }
        return phases;
    }

    /// <summary>The output's axis, with as many zeros around it as the taps of all pixels reach.</summary>
    public static PaddedAxis Padded(WindowAxis axis, IReadOnlyList<PixelPhase> phases)
    {
        int least = 0, most = 0;
        foreach (PixelPhase phase in phases)
        {
            foreach ((_, int shift) in phase.Taps)
            {
                least = Math.Min(least, shift);
                most = Math.Max(most, phase.Count + shift);
            }
        }
        return new PaddedAxis(axis.Output, -least, 1, [0], most - least);
    }
}
