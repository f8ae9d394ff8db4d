namespace Lockstep.Engine.Kernels.Convolutions;

/// <summary>Where the numbers of one sample's image lie: (c, y, x) at c·ChannelStride + y·RowStride + x·ColumnStride.</summary>
internal readonly record struct ImageLayout(int Channels, int Height, int Width, int ChannelStride, int RowStride, int ColumnStride)
{
    /// <summary>[C, H, W], row-major.</summary>
    public static ImageLayout Planes(int channels, int height, int width) => new(channels, height, width, height * width, width, 1);

    /// <summary>A sequence [T, D] as an image of height 1: time is its width, and the features its channels.</summary>
    public static ImageLayout Sequence(int steps, int features) => new(features, 1, steps, 1, steps * features, features);

    /// <summary>Numbers of a sample.</summary>
    public int Length => Channels * Height * Width;
}
