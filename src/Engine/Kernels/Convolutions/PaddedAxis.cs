namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>
/// One axis of a padded copy. Place j of residue r holds the source at j·Stride + r − Padding, or zero outside of it: what a window
/// with that stride sees at neighbouring places of its output lies side by side.
/// </summary>
/// <param name="Source">Places of the source.</param>
/// <param name="Padding">Zeros before the first.</param>
/// <param name="Stride">From one place to the next, in places of the source.</param>
/// <param name="Residues">Which remainders modulo the stride are kept.</param>
/// <param name="Places">How many places each has.</param>
internal sealed record PaddedAxis(int Source, int Padding, int Stride, int[] Residues, int Places)
{
    /// <summary>What a convolution's windows see.</summary>
    public static PaddedAxis OfWindows(WindowAxis axis) => new(
        axis.Input,
        axis.Padding,
        axis.Stride,
        [.. Enumerable.Range(0, axis.Kernel).Select(tap => tap * axis.Dilation % axis.Stride).Distinct().Order()],
        axis.Output + ((axis.Kernel - 1) * axis.Dilation / axis.Stride));

    /// <summary>Whether the copy would be the source itself.</summary>
    public bool IsSource => Stride == 1 && Padding == 0 && Places <= Source;

    /// <summary>The place in the first window of a tap: which residue, and which of its places.</summary>
    public (int Residue, int Place) Of(int tap, int dilation) => (Array.IndexOf(Residues, tap * dilation % Stride), tap * dilation / Stride);
}
