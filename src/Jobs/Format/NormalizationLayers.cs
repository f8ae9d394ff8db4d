using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

[Case("dropout", "In training a share of the numbers is zero, drawn anew by seed, layer, step and sample.")]
public sealed record DropoutLayer : Layer
{
    [Key("The probability that a number is left out."), Limits(AtLeast = 0, Below = 1)]
    public required double Rate { get; init; }

    [Key("Whether what is left is divided by 1 − rate in training; otherwise everything is multiplied by 1 − rate outside training.")]
    public bool Inverted { get; init; } = true;
}

[Case("batchNorm", "(x − mean)/√(variance + epsilon)·weight + bias by channel, of a leaf's samples in training and of all so far outside.")]
public sealed record BatchNormLayer : ParameterizedLayer
{
    [Key("The share of a step in the running statistics."), Limits(AtLeast = 0, AtMost = 1)]
    public double Momentum { get; init; } = 0.1;

    [Key("What is added to the variance."), Limits(Above = 0)]
    public double Epsilon { get; init; } = 1e-5;
}
