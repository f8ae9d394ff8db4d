using Lockstep.Engine.Kernels;
using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Kernels.LocalConnections;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers.Convolution;

/// <summary>
/// y[n, f, i, j] = b[f, i, j] + Σ over (c, u, v) of W[f, i, j, c, u, v]·x[n, c, i·s − p + u, j·s − p + v]: as a convolution, with weights of its own
/// at each place. x [N, C, H, W], W [filters, outH, outW, C, kH, kW], b [filters, outH, outW].
/// </summary>
/// <remarks>A pixel's gradient is gathered over (filter, kh, kw), of the places that exist; a weight's is summed over the samples of each leaf.</remarks>
public sealed unsafe class LocallyConnected2dLayer : Layer
{
    private readonly LocallyConnected2dSpec _spec;
    private readonly ConvolutionShape _shape;

    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">Filters, kernel and how they go over the image.</param>
    /// <param name="input">[C, H, W].</param>
    /// <exception cref="ShapeException">The input is no image, or the kernel does not fit.</exception>
    public LocallyConnected2dLayer(int index, LocallyConnected2dSpec spec, Shape input)
        : this(index, spec, input, Window(index, spec, input))
    {
    }

    private LocallyConnected2dLayer(int index, LocallyConnected2dSpec spec, Shape input, WindowGeometry window)
        : base(index, spec.Name, "locallyConnected2d", input, window.Output(spec.Filters))
    {
        _spec = spec;
        _shape = new ConvolutionShape(input[0], spec.Filters, 1, window.Vertical, window.Horizontal);
        int[] places = [spec.Filters, window.Vertical.Output, window.Horizontal.Output];
        int fanOut = checked(spec.Filters * _shape.Taps);
        var weight = new ParameterDefinition("weight", [.. places, input[0], spec.Kernel.Vertical, spec.Kernel.Horizontal], false, spec.Initializer, _shape.FilterLength, fanOut);
        var bias = new ParameterDefinition("bias", places, true, spec.BiasInitializer, _shape.FilterLength, fanOut);
        Parameters = spec.Bias ? [weight, bias] : [weight];
    }

    public override IReadOnlyList<ParameterDefinition> Parameters { get; }

    public override bool KeepsOutput => false;

    public override bool Frozen => _spec.Frozen;

    public override float LearningRateFactor => _spec.LearningRateFactor;

    public override LayerContext CreateContext(IReadOnlyList<ParameterView> parameters, int maximumSamples) =>
        new LocallyConnected2dContext(parameters[0], _spec.Bias ? parameters[1] : null, Input.Length, Output.Length, maximumSamples);

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
        var local = (LocallyConnected2dContext)context;
        SampleLanes.Spread(pass.Crew, input, pass.Samples, Input.Length, local.Images);
        int lanes = SampleLanes.For(pass.Samples);
        new Span<float>(local.Images + ((long)Input.Length * lanes), lanes).Clear();
        LocalProduct.Features(pass.Crew, _shape, pass.Samples, pass.Parameters + local.Weight.Offset, local.Images, local.Features);
        SampleLanes.Gather(pass.Crew, local.Features, pass.Samples, Output.Length, output);
        if (local.Bias is null)
            return;
        for (long sample = 0; sample < pass.Samples; sample++)
            VectorMath.Add(output + (sample * Output.Length), pass.Parameters + local.Bias.Offset, Output.Length);
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
        var local = (LocallyConnected2dContext)context;
        if (!Frozen)
        {
            for (int i = 0; i < pass.NodeCount; i++)
                SumGradients(pass, local, pass.Node(i), input, outputGradient);
        }
        if (inputGradient is not null)
        {
            SampleLanes.Spread(pass.Crew, outputGradient, pass.Samples, Output.Length, local.Features);
            LocalProduct.Images(pass.Crew, _shape, pass.Samples, pass.Parameters + local.Weight.Offset, local.Features, local.Images);
            SampleLanes.Gather(pass.Crew, local.Images, pass.Samples, Input.Length, inputGradient);
        }
    }

    private void SumGradients(Pass pass, LocallyConnected2dContext local, NodeRun node, float* input, float* outputGradient)
    {
        float* x = input + ((long)node.FirstSample * Input.Length);
        float* dy = outputGradient + ((long)node.FirstSample * Output.Length);
        LocalProduct.SumLeaves(pass.Crew, _shape, node.LeafBounds, x, dy, node.Gradient + local.Weight.Offset);
        if (local.Bias is not null)
            ColumnSums.SumLeaves(pass.Crew, dy, Output.Length, Output.Length, node.LeafBounds, node.Gradient + local.Bias.Offset);
    }

    private static WindowGeometry Window(int index, LocallyConnected2dSpec spec, Shape input)
    {
        string layer = WindowGeometry.Label(index, spec.Name, "locallyConnected2d");
        WindowGeometry window = WindowGeometry.Of(layer, input, spec.Kernel, spec.Stride, spec.Padding, 1);
        WindowGeometry.Require(layer, "filters", spec.Filters, 1);
        return window;
    }
}
