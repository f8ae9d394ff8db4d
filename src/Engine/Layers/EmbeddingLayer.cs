using Lockstep.Engine.Data;
using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers;

/// <summary>The row of each token: x [N, T] of whole numbers from 0 below V, W [V, D], y [N, T, D] with y(n, t) = W[x(n, t)].</summary>
/// <remarks>∂L/∂W[v] is the sum of ∂L/∂y over the places of v, in the order of samples and steps within a leaf, the leaves added as the tree says.</remarks>
public sealed unsafe class EmbeddingLayer : Layer, ISteppedLayer
{
    private readonly EmbeddingSpec _spec;

    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">Size, and how many tokens there are.</param>
    /// <param name="input">[T].</param>
    /// <exception cref="ShapeException">The input has other axes, or how many tokens there are is not known.</exception>
    public EmbeddingLayer(int index, EmbeddingSpec spec, Shape input)
        : base(index, spec.Name, "embedding", input, OutputOf(index, spec, input))
    {
        _spec = spec;
        Vocabulary = spec.Vocabulary!.Value;
        // PyTorch's default for an embedding: normal with mean 0 and deviation 1.
        Parameters = [new ParameterDefinition("weight", [Vocabulary, spec.Size], false, spec.Initializer ?? new GaussianInitializer(1), Vocabulary, spec.Size)];
    }

    /// <summary>V.</summary>
    public int Vocabulary { get; }

    public override IReadOnlyList<ParameterDefinition> Parameters { get; }

    public override bool KeepsSteps => true;

    public override bool Frozen => _spec.Frozen;

    public override float LearningRateFactor => _spec.LearningRateFactor;

    public override LayerContext CreateContext(IReadOnlyList<ParameterView> parameters, int maximumSamples) =>
        new EmbeddingContext(parameters[0], new TokenGather(Vocabulary, _spec.Size, checked(maximumSamples * Input[0])));

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
        long count = (long)pass.Samples * pass.StepsOf(Input);
        for (long place = 0; place < count; place++)
            Look(pass, context, input, output, place);
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
        SumGradients(pass, context, input, outputGradient);
        // Nothing depends on a token smoothly.
        if (inputGradient is not null)
            new Span<float>(inputGradient, checked(pass.Samples * pass.StepsOf(Input))).Clear();
    }

    public void ForwardStep(Pass pass, LayerContext context, float* input, float* output, int step)
    {
        long steps = pass.StepsOf(Input);
        for (int sample = 0; sample < pass.Samples; sample++)
            Look(pass, context, input, output, (sample * steps) + step);
    }

    public void BackwardStep(Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient, int step)
    {
        if (inputGradient is null)
            return;
        long steps = pass.StepsOf(Input);
        for (int sample = 0; sample < pass.Samples; sample++)
            inputGradient[(sample * steps) + step] = 0;
    }

    public void SumGradients(Pass pass, LayerContext context, float* input, float* outputGradient)
    {
        if (Frozen)
            return;
        var embedding = (EmbeddingContext)context;
        int steps = pass.StepsOf(Input);
        for (int i = 0; i < pass.NodeCount; i++)
        {
            NodeRun node = pass.Node(i);
            long first = (long)node.FirstSample * steps;
            embedding.Gather.Sum(
                pass.Crew, input + first, outputGradient + (first * _spec.Size), steps, node.LeafBounds, node.Gradient + embedding.Weight.Offset,
                node.Written?.Of(embedding.Weight.Offset, embedding.Gather.MaximumRows));
        }
    }

    private void Look(Pass pass, LayerContext context, float* input, float* output, long place)
    {
        int token = TokenOf(input[place]);
        float* row = pass.Parameters + ((EmbeddingContext)context).Weight.Offset + ((long)token * _spec.Size);
        new ReadOnlySpan<float>(row, _spec.Size).CopyTo(new Span<float>(output + (place * _spec.Size), _spec.Size));
    }

    private int TokenOf(float value)
    {
        // NaN fails both comparisons.
        if (!(value >= 0 && value < Vocabulary))
            throw new DataException(ToString(), $"A token is {value.ToString(System.Globalization.CultureInfo.InvariantCulture)}, and the layer has rows for 0 to {Vocabulary - 1}.", "Give it the vocabulary of the data.");
        return (int)value;
    }

    private static Shape OutputOf(int index, EmbeddingSpec spec, Shape input)
    {
        string layer = $"{spec.Name ?? index.ToString(System.Globalization.CultureInfo.InvariantCulture)} (embedding)";
        if (input.Rank != 1)
            throw new ShapeException(layer, "number of axes", "1: tokens [T]", $"{input.Rank} ({input})", "Only tokens have an embedding.");
        if (spec.Size < 1)
            throw new ShapeException(layer, "axis 1 of its output", "at least 1 number", $"{spec.Size}", "Give it a size.");
        if (spec.Vocabulary is null)
            throw new ShapeException(layer, "its vocabulary", "how many different tokens there are", "nothing: the data does not say", "Give it a vocabulary.");
        if (spec.Vocabulary < 1)
            throw new ShapeException(layer, "axis 0 of its weight", "at least 1 token", $"{spec.Vocabulary}", "Give it a vocabulary.");
        return new Shape(input[0], spec.Size);
    }

    private sealed class EmbeddingContext(ParameterView weight, TokenGather gather) : LayerContext
    {
        public ParameterView Weight { get; } = weight;

        public TokenGather Gather { get; } = gather;

        protected override void Release() => Gather.Dispose();
    }
}
