using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>What is minimized.</summary>
[Cases(typeof(SoftmaxCrossEntropyLoss), typeof(L2Loss))]
[NotYet("binaryCrossEntropy", "l1", "hinge", "multiclassHinge", "perceptron")]
public abstract record Loss
{
    [Key("Whether terms are averaged or summed.")]
    public LossReduction Reduction { get; init; } = LossReduction.Mean;
}

[Case("softmaxCrossEntropy", "-log softmax(y)[class]; the mean is over samples.")]
public sealed record SoftmaxCrossEntropyLoss : Loss;

[Case("l2", "½(y - t)²; the mean is over samples and output elements.")]
public sealed record L2Loss : Loss;
