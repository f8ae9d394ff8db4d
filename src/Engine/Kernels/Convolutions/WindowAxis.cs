namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>
/// How a window goes along one axis: place o of the output sees the input at o·stride − padding + t·dilation for t in [0, kernel).
/// </summary>
/// <param name="Input">Places of the input.</param>
/// <param name="Output">Places of the output.</param>
/// <param name="Kernel">Taps of the window.</param>
/// <param name="Stride">From one place of the output to the next, in places of the input.</param>
/// <param name="Padding">Zeros before the first place, and after the last.</param>
/// <param name="Dilation">From one tap to the next.</param>
internal readonly record struct WindowAxis(int Input, int Output, int Kernel, int Stride, int Padding, int Dilation)
{
    /// <summary>An axis with ⌊(input + 2·padding − dilation·(kernel − 1) − 1)/stride⌋ + 1 places of output; below 1 where the window does not fit.</summary>
    public static WindowAxis Of(int input, int kernel, int stride, int padding, int dilation)
    {
        long room = input + (2L * padding) - ((long)dilation * (kernel - 1)) - 1;
        return new WindowAxis(input, room < 0 ? 0 : checked((int)((room / stride) + 1)), kernel, stride, padding, dilation);
    }

    /// <summary>An axis of length 1 that a window of length 1 sees.</summary>
    public static WindowAxis Single { get; } = new(1, 1, 1, 1, 0, 1);

    /// <summary>Places that a window covers from its first tap to its last.</summary>
    public long Reach => ((long)Dilation * (Kernel - 1)) + 1;
}
