namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>
/// A convolution of images [channels, Vertical.Input, Horizontal.Input] with weights [filters, channels/groups, kH, kW], which gives
/// features [filters, Vertical.Output, Horizontal.Output]. Filters and channels are cut into groups that do not see each other.
/// </summary>
internal sealed record ConvolutionShape(int Channels, int Filters, int Groups, WindowAxis Vertical, WindowAxis Horizontal)
{
    /// <summary>Channels of a group.</summary>
    public int GroupChannels => Channels / Groups;

    /// <summary>Filters of a group.</summary>
    public int GroupFilters => Filters / Groups;

    /// <summary>Taps of a filter in one channel.</summary>
    public int Taps => Vertical.Kernel * Horizontal.Kernel;

    /// <summary>Weights of one filter.</summary>
    public int FilterLength => GroupChannels * Taps;

    /// <summary>Places of the features.</summary>
    public int Positions => Vertical.Output * Horizontal.Output;

    /// <summary>Places of the images.</summary>
    public int Pixels => Vertical.Input * Horizontal.Input;
}
