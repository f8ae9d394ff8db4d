namespace Lockstep.Engine.Specifications;

/// <summary>What is minimized.</summary>
/// <param name="Kind">The loss of one term.</param>
/// <param name="Reduction">What is done with the terms' sum.</param>
public sealed record LossSpec(LossKind Kind, LossReduction Reduction = LossReduction.Mean);

public enum LossKind
{
    /// <summary>−log softmax(y)[class], one term a sample.</summary>
    SoftmaxCrossEntropy = 0,

    /// <summary>½(y − t)², one term an output element.</summary>
    L2 = 1,
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

/// <summary>Clipping of the averaged gradient with its penalties, before weight decay and the update.</summary>
public abstract record ClipSpec;

/// <summary>Scales by min(1, limit/(‖g‖ + 1e-6)).</summary>
public sealed record GlobalNormClip(float Limit) : ClipSpec;

/// <summary>Cuts every element to ±limit.</summary>
public sealed record ValueClip(float Limit) : ClipSpec;

/// <summary>Penalties in the loss: λ₂/2·‖W‖² + λ₁·‖W‖₁ over weights, and over biases too where asked.</summary>
public sealed record RegularizationSpec(float L2 = 0, float L1 = 0, bool Biases = false);

/// <summary>The learning rate by step; null where it is constant.</summary>
public abstract record ScheduleSpec;

/// <summary>rate·factor^⌊step/everySteps⌋.</summary>
public sealed record StepSchedule(long EverySteps, double Factor) : ScheduleSpec;

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
}
