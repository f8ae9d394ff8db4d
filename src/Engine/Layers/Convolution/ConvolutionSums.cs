using Lockstep.Engine.Kernels.Convolutions;

namespace Lockstep.Engine.Layers.Convolution;

/// <summary>The sums of a layer's passes.</summary>
/// <param name="Correlation">Features from images: forward, or backward where the layer is transposed.</param>
/// <param name="Backprojection">Images from features.</param>
/// <param name="IsTransposed">Whether the layer goes from features to images.</param>
internal sealed record ConvolutionSums(GatherSet Correlation, GatherSet Backprojection, bool IsTransposed)
{
    public GatherSet Forward => IsTransposed ? Backprojection : Correlation;

    public GatherSet Backward => IsTransposed ? Correlation : Backprojection;

    /// <summary>For images and features [C, H, W].</summary>
    public static ConvolutionSums OfImages(ConvolutionShape shape, bool isTransposed = false)
    {
        var image = ImageLayout.Planes(shape.Channels, shape.Vertical.Input, shape.Horizontal.Input);
        var features = ImageLayout.Planes(shape.Filters, shape.Vertical.Output, shape.Horizontal.Output);
        return new ConvolutionSums(GatherSet.Correlation(shape, image, features), GatherSet.Backprojection(shape, image, features), isTransposed);
    }

    /// <summary>For sequences [T, D] in the place of images of height 1.</summary>
    public static ConvolutionSums OfSequences(ConvolutionShape shape)
    {
        var image = ImageLayout.Sequence(shape.Horizontal.Input, shape.Channels);
        var features = ImageLayout.Sequence(shape.Horizontal.Output, shape.Filters);
        return new ConvolutionSums(GatherSet.Correlation(shape, image, features), GatherSet.Backprojection(shape, image, features), false);
    }
}
