namespace Lockstep.Engine.Specifications;

/// <summary>What is minimized.</summary>
/// <param name="Kind">The loss of one term.</param>
/// <param name="Reduction">What is done with the terms' sum.</param>
public sealed record LossSpec(LossKind Kind, LossReduction Reduction = LossReduction.Mean)
{
    /// <summary>Whether targets are class numbers; else they are values, and class numbers are written as values.</summary>
    public bool TakesClasses => Kind is LossKind.SoftmaxCrossEntropy or LossKind.MulticlassHinge;

    /// <summary>The value that an output should have where it is not that of the sample's class; where it is, it should have 1.</summary>
    public float OtherClassValue => Kind is LossKind.Hinge or LossKind.Perceptron ? -1 : 0;

    /// <summary>From where on a single output stands for class 1.</summary>
    public float Threshold => Kind == LossKind.BinaryCrossEntropyOnProbabilities ? 0.5f : 0;
}

public enum LossKind
{
    /// <summary>−log softmax(y)[class], one term a sample.</summary>
    SoftmaxCrossEntropy = 0,

    /// <summary>½(y − t)², one term an output element.</summary>
    L2 = 1,

    /// <summary>|y − t|, one term an output element.</summary>
    L1 = 2,

    /// <summary>max(0, 1 − t·y) with t = ±1, one term an output element.</summary>
    Hinge = 3,

    /// <summary>Σ over j ≠ class of max(0, 1 + yⱼ − y[class]), one term a sample.</summary>
    MulticlassHinge = 4,

    /// <summary>Σ of −t·y over outputs with sign(y) ≠ t, t = ±1, one term a sample.</summary>
    Perceptron = 5,

    /// <summary>−t·log σ(y) − (1 − t)·log(1 − σ(y)), one term an output element.</summary>
    BinaryCrossEntropy = 6,

    /// <summary>−t·log y − (1 − t)·log(1 − y), one term an output element.</summary>
    BinaryCrossEntropyOnProbabilities = 7,
}

public enum LossReduction
{
    /// <summary>Over all terms.</summary>
    Mean = 0,
    Sum = 1,
}

/// <summary>How parameters change. Further optimizers are further records.</summary>
public abstract record OptimizerSpec
{
    /// <summary>The rate before the schedule.</summary>
    public required double LearningRate { get; init; }

    /// <summary>λ in g + λ·w, added to the clipped gradient of every parameter; not part of the loss.</summary>
    public float WeightDecay { get; init; }
}

/// <summary>v ← m·v + g; w ← w − rate·v, or with <paramref name="Nesterov"/> w ← w − rate·(g + m·v).</summary>
public sealed record SgdSpec(float Momentum = 0, bool Nesterov = false) : OptimizerSpec;

/// <summary>s ← s + g²; w ← w − rate·g/(√s + eps).</summary>
public sealed record AdagradSpec(float Epsilon = 1e-10f) : OptimizerSpec;

/// <summary>s ← α·s + (1 − α)·g²; w ← w − rate·g/(√s + eps).</summary>
public sealed record RmsPropSpec(double Alpha = 0.99, float Epsilon = 1e-8f) : OptimizerSpec;

/// <summary>m ← β₁·m + (1 − β₁)·g; s ← β₂·s + (1 − β₂)·g²; w ← w − rate·(m/(1 − β₁ᵗ))/(√(s/(1 − β₂ᵗ)) + eps).</summary>
public sealed record AdamSpec(double Beta1 = 0.9, double Beta2 = 0.999, float Epsilon = 1e-8f) : OptimizerSpec;

/// <summary>Clipping of the averaged gradient with its penalties, before weight decay and the update.</summary>
public abstract record ClipSpec;

/// <summary>Scales by min(1, limit/(‖g‖ + 1e-6)).</summary>
public sealed record GlobalNormClip(float Limit) : ClipSpec;

/// <summary>Cuts every element to ±limit.</summary>
public sealed record ValueClip(float Limit) : ClipSpec;

/// <summary>
/// Penalties in the loss, λ₂/2·‖W‖² + λ₁·‖W‖₁, and after the update a bound on the norm of each output unit's weights, a row of the
/// weight (0 for none); of weights, and of biases too where asked.
/// </summary>
public sealed record RegularizationSpec(float L2 = 0, float L1 = 0, bool Biases = false, float MaxNorm = 0);

/// <summary>The learning rate by step; null where it is constant.</summary>
public abstract record ScheduleSpec
{
    /// <summary>w: the first w steps have rate·(k + 1)/w, and then the schedule runs with k − w.</summary>
    public long WarmUpSteps { get; init; }
}

/// <summary>rate·factor^⌊k/everySteps⌋.</summary>
public sealed record StepSchedule(long EverySteps, double Factor) : ScheduleSpec;

/// <summary>rate·factor^(k/everySteps).</summary>
public sealed record ExponentialSchedule(long EverySteps, double Factor) : ScheduleSpec;

/// <summary>to + (rate − to)·(1 + cos(πk/overSteps))/2, the warm-up taken off overSteps (Loshchilov and Hutter 2017, equation 5).</summary>
public sealed record CosineSchedule(double To, long OverSteps) : ScheduleSpec;

/// <summary>rate/(1 + decay·k).</summary>
public sealed record InverseSchedule(double Decay) : ScheduleSpec;

/// <summary>All that the update rule must know.</summary>
public sealed record UpdateSpec(
    OptimizerSpec Optimizer,
    ClipSpec? Clip = null,
    RegularizationSpec? Regularization = null,
    ScheduleSpec? Schedule = null,
    LossReduction Reduction = LossReduction.Mean);

/// <summary>What evaluation reports.</summary>
public enum MetricKind
{
    Loss = 0,
    Accuracy = 1,
    ZeroOne = 2,
    MeanSquaredError = 3,
    MeanAbsoluteError = 4,
    TopFive = 5,
    Perplexity = 6,
    BitsPerCharacter = 7,
    ExactMatch = 8,
}
