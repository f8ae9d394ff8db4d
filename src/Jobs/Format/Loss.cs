using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>What is minimized.</summary>
[Cases(
    typeof(SoftmaxCrossEntropyLoss), typeof(BinaryCrossEntropyLoss), typeof(L1Loss), typeof(L2Loss), typeof(HingeLoss),
    typeof(MulticlassHingeLoss), typeof(PerceptronLoss))]
public abstract record Loss
{
    [Key("Whether terms are averaged or summed.")]
    public LossReduction Reduction { get; init; } = LossReduction.Mean;
}

[Case("softmaxCrossEntropy", "-log softmax(y)[class]; the mean is over samples.")]
public sealed record SoftmaxCrossEntropyLoss : Loss;

[Case("binaryCrossEntropy", "-t·log p - (1 - t)·log(1 - p), t from 0 to 1; the mean is over samples and output elements.")]
public sealed record BinaryCrossEntropyLoss : Loss
{
    [Key("Whether outputs are p itself; else p is their sigmoid.")]
    public bool OnProbabilities { get; init; }
}

[Case("l1", "|y - t|; the mean is over samples and output elements.")]
public sealed record L1Loss : Loss;

[Case("l2", "½(y - t)²; the mean is over samples and output elements.")]
public sealed record L2Loss : Loss;

[Case("hinge", "max(0, 1 - t·y), t is -1 or 1; the mean is over samples and output elements.")]
public sealed record HingeLoss : Loss;

[Case("multiclassHinge", "The sum over other classes j of max(0, 1 + y[j] - y[class]); the mean is over samples.")]
public sealed record MulticlassHingeLoss : Loss;

[Case("perceptron", "The sum of -t·y over outputs with sign(y) ≠ t, t is -1 or 1, sign(0) = +1; the mean is over samples.")]
public sealed record PerceptronLoss : Loss;
