using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Format;

namespace Lockstep.Jobs.Mapping;

/// <summary>What layers for images and signals mean for the engine.</summary>
internal static class ConvolutionSpecifications
{
    /// <summary>Null for a layer that is none of them.</summary>
    public static LayerSpec? Of(Layer layer) => layer switch
    {
        Conv2dLayer conv => With(conv, new Conv2dSpec(conv.Filters, conv.Kernel, conv.Bias)
        {
            Stride = conv.Stride,
            Padding = conv.Padding,
            Dilation = conv.Dilation,
            Groups = conv.Groups,
        }),
        LocallyConnected2dLayer local => With(local, new LocallyConnected2dSpec(local.Filters, local.Kernel, local.Bias) { Stride = local.Stride, Padding = local.Padding }),
        TransposedConv2dLayer transposed => With(transposed, new TransposedConv2dSpec(transposed.Filters, transposed.Kernel, transposed.Bias)
        {
            Stride = transposed.Stride,
            Padding = transposed.Padding,
            OutputPadding = transposed.OutputPadding,
            Dilation = transposed.Dilation,
            Groups = transposed.Groups,
        }),
        TimeDelayLayer timeDelay => With(timeDelay, new TimeDelaySpec(timeDelay.Filters, timeDelay.Delays)
        {
            Stride = timeDelay.Stride,
            Padding = timeDelay.Padding,
            Dilation = timeDelay.Dilation,
        }),
        MaxPool2dLayer pool => new MaxPool2dSpec(pool.Kernel) { Name = pool.Name, Stride = pool.Stride, Padding = pool.Padding },
        AveragePool2dLayer pool => new AveragePool2dSpec(pool.Kernel) { Name = pool.Name, Stride = pool.Stride, Padding = pool.Padding, CountPadding = pool.CountPadding },
        LocalResponseNormLayer norm => new LocalResponseNormSpec { Name = norm.Name, Size = norm.Size, K = (float)norm.K, Alpha = (float)norm.Alpha, Beta = (float)norm.Beta },
        _ => null,
    };

    private static ParameterizedLayerSpec With(ParameterizedLayer layer, ParameterizedLayerSpec spec) => spec with
    {
        Name = layer.Name,
        Initializer = JobSpecifications.Start(layer.Initializer),
        BiasInitializer = JobSpecifications.Start(layer.BiasInitializer),
        Frozen = layer.Frozen,
        LearningRateFactor = (float)layer.LearningRateFactor,
    };
}
