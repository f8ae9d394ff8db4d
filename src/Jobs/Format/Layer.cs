using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>One entry of the model.</summary>
[Cases(
    typeof(DenseLayer), typeof(PerceptronLayer), typeof(ReluLayer), typeof(LeakyReluLayer), typeof(SigmoidLayer), typeof(TanhLayer),
    typeof(SoftmaxLayer), typeof(IdentityLayer), typeof(FlattenLayer),
    typeof(Conv2dLayer), typeof(LocallyConnected2dLayer), typeof(TransposedConv2dLayer), typeof(TimeDelayLayer),
    typeof(MaxPool2dLayer), typeof(AveragePool2dLayer), typeof(LocalResponseNormLayer),
    typeof(DropoutLayer), typeof(BatchNormLayer),
    typeof(RnnLayer), typeof(LstmLayer), typeof(GruLayer), typeof(EmbeddingLayer), typeof(LastStepLayer), typeof(RepeatLayer))]
public abstract record Layer
{
    [Key("A name of its own. Without one the layer is called by its index from 0."), Name]
    public string? Name { get; init; }
}

/// <summary>A layer that has weights.</summary>
public abstract record ParameterizedLayer : Layer
{
    [Key("How weights start. Without it: uniform on ±1/√fanIn.")]
    public Initializer? Initializer { get; init; }

    [Key("How biases start. Without it: uniform on ±1/√fanIn.")]
    public Initializer? BiasInitializer { get; init; }

    [Key("Whether training leaves the layer as it is.")]
    public bool Frozen { get; init; }

    [Key("What the learning rate is multiplied by for this layer."), Limits(AtLeast = 0)]
    public double LearningRateFactor { get; init; } = 1;
}

[Case("dense", "y = x·Wᵀ + b with weight [units, in] and bias [units].")]
public sealed record DenseLayer : ParameterizedLayer
{
    [Key("How many outputs."), Limits(AtLeast = 1, AtMost = 1 << 24)]
    public required int Units { get; init; }

    [Key("Whether it has a bias.")]
    public bool Bias { get; init; } = true;
}

[Case("perceptron", "sign(x·Wᵀ + b), sign(0) = +1, with weight [units, in] and bias [units]. The last layer; trains with the loss perceptron.")]
public sealed record PerceptronLayer : ParameterizedLayer
{
    [Key("How many outputs."), Limits(AtLeast = 1, AtMost = 1 << 24)]
    public int Units { get; init; } = 1;
}

/// <summary>A function of each element.</summary>
public abstract record ActivationLayer : Layer
{
    public abstract ActivationKind Kind { get; }
}

[Case("relu", "max(x, 0).")]
public sealed record ReluLayer : ActivationLayer
{
    public override ActivationKind Kind => ActivationKind.Relu;
}

[Case("sigmoid", "1/(1 + e⁻ˣ).")]
public sealed record SigmoidLayer : ActivationLayer
{
    public override ActivationKind Kind => ActivationKind.Sigmoid;
}

[Case("tanh", "The hyperbolic tangent.")]
public sealed record TanhLayer : ActivationLayer
{
    public override ActivationKind Kind => ActivationKind.Tanh;
}

[Case("identity", "x.")]
public sealed record IdentityLayer : ActivationLayer
{
    public override ActivationKind Kind => ActivationKind.Identity;
}

[Case("leakyRelu", "x above zero, else slope·x.")]
public sealed record LeakyReluLayer : Layer
{
    [Key("What numbers below zero are multiplied by."), Limits(AtLeast = 0)]
    public double Slope { get; init; } = 0.01;
}

[Case("softmax", "exp(xᵢ)/Σⱼ exp(xⱼ) over the last axis.")]
public sealed record SoftmaxLayer : Layer;

[Case("flatten", "Each sample's elements in one row.")]
public sealed record FlattenLayer : Layer;
