using Lockstep.Engine.Kernels;
using Lockstep.Engine.Kernels.Convolutions;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers.Convolution;

/// <summary>What convolutions have in common: their passes, given the sums that each of them is.</summary>
/// <remarks>
/// Every number is a sum over k in a fixed order, cut into blocks of 512: forward over (channel, kh, kw), for the input gradient over
/// (filter, kh, kw), for a weight's gradient over (sample, row, column) of a leaf, the leaves added by the tree. Padding counts as +0.
/// </remarks>
public abstract unsafe class ConvolutionalLayer : Layer
{
    private readonly ParameterizedLayerSpec _spec;
    private readonly bool _bias;
    private readonly ConvolutionSums _sums;

    private protected ConvolutionalLayer(
        int index, string kind, ParameterizedLayerSpec spec, Shape input, Shape output, int[] weight, bool bias, ConvolutionSums sums)
        : base(index, spec.Name, kind, input, output)
    {
        _spec = spec;
        _bias = bias;
        _sums = sums;
        // As PyTorch counts, whatever the groups: all axes of the weight but the first, and all but the second.
        int fanIn = weight.Skip(1).Aggregate(1, (product, axis) => checked(product * axis));
        int fanOut = checked(fanIn / weight[1] * weight[0]);
        var weights = new ParameterDefinition("weight", weight, false, spec.Initializer, fanIn, fanOut);
        var biases = new ParameterDefinition("bias", [sums.Forward.Result.Channels], true, spec.BiasInitializer, fanIn, fanOut);
        Parameters = bias ? [weights, biases] : [weights];
    }

    public override IReadOnlyList<ParameterDefinition> Parameters { get; }

    public override bool KeepsOutput => false;

    public override bool Frozen => _spec.Frozen;

    public override float LearningRateFactor => _spec.LearningRateFactor;

    public override LayerContext CreateContext(IReadOnlyList<ParameterView> parameters, int maximumSamples) =>
        new ConvolutionContext(parameters[0], _bias ? parameters[1] : null, _sums.Forward, _sums.Backward);

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
        var convolution = (ConvolutionContext)context;
        GatherProduct.Multiply(
            pass.Crew, _sums.Forward, pass.Samples, convolution.Forward.Of(pass, convolution.Weight.Offset), convolution.Biases(pass), input, output);
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
        var convolution = (ConvolutionContext)context;
        if (!Frozen)
        {
            for (int i = 0; i < pass.NodeCount; i++)
                SumGradients(pass, convolution, pass.Node(i), input, outputGradient);
        }
        if (inputGradient is not null)
        {
            GatherProduct.Multiply(
                pass.Crew, _sums.Backward, pass.Samples, convolution.Backward.Of(pass, convolution.Weight.Offset), null, outputGradient, inputGradient);
        }
    }

    private void SumGradients(Pass pass, ConvolutionContext context, NodeRun node, float* input, float* outputGradient)
    {
        float* x = input + ((long)node.FirstSample * Input.Length);
        float* dy = outputGradient + ((long)node.FirstSample * Output.Length);
        float* images = _sums.IsTransposed ? dy : x;
        float* features = _sums.IsTransposed ? x : dy;
        FilterGradient.SumLeaves(pass.Crew, _sums.Correlation, node.LeafBounds, images, features, node.Gradient + context.Weight.Offset);
        if (context.Bias is not null)
            SumBiases(pass, node.LeafBounds, dy, node.Gradient + context.Bias.Offset);
    }

    private void SumBiases(Pass pass, ReadOnlySpan<int> leafBounds, float* dy, float* result)
    {
        ImageLayout layout = _sums.Forward.Result;
        int places = layout.Height * layout.Width;
        if (layout.ChannelStride != 1)
        {
            ChannelSums.SumLeaves(pass.Crew, dy, layout.Channels, places, leafBounds, result);
            return;
        }
        // Channels lie side by side: all places of all samples are the rows of a matrix.
        Span<int> rows = stackalloc int[leafBounds.Length];
        for (int i = 0; i < rows.Length; i++)
            rows[i] = checked(leafBounds[i] * places);
        ColumnSums.SumLeaves(pass.Crew, dy, layout.Channels, layout.Channels, rows, result);
    }
}
