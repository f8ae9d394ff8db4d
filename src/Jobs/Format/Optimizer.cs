using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>How parameters change.</summary>
[Cases(typeof(SgdOptimizer), typeof(AdagradOptimizer), typeof(RmspropOptimizer), typeof(AdamOptimizer))]
public abstract record Optimizer
{
    [Key("λ in g + λ·w, added to the clipped gradient of every parameter; no part of the loss."), Limits(AtLeast = 0)]
    public double WeightDecay { get; init; }
}

[Case("sgd", "v ← momentum·v + g; w ← w - rate·v, or with nesterov w ← w - rate·(g + momentum·v).")]
public sealed record SgdOptimizer : Optimizer
{
    [Key("The rate before the schedule."), Limits(AtLeast = 0)]
    public required double LearningRate { get; init; }

    [Key("How much of the last update's direction is kept."), Limits(AtLeast = 0, Below = 1)]
    public double Momentum { get; init; }

    [Key("Nesterov's form of momentum.")]
    public bool Nesterov { get; init; }
}

[Case("adagrad", "s ← s + g²; w ← w - rate·g/(√s + eps).")]
public sealed record AdagradOptimizer : Optimizer
{
    [Key("The rate before the schedule."), Limits(AtLeast = 0)]
    public double LearningRate { get; init; } = 0.01;

    [Key("What keeps the divisor from zero."), Limits(Above = 0)]
    public double Eps { get; init; } = 1e-10;
}

[Case("rmsprop", "s ← alpha·s + (1 - alpha)·g²; w ← w - rate·g/(√s + eps).")]
public sealed record RmspropOptimizer : Optimizer
{
    [Key("The rate before the schedule."), Limits(AtLeast = 0)]
    public double LearningRate { get; init; } = 0.01;

    [Key("How much of the average of squares is kept."), Limits(AtLeast = 0, Below = 1)]
    public double Alpha { get; init; } = 0.99;

    [Key("What keeps the divisor from zero."), Limits(Above = 0)]
    public double Eps { get; init; } = 1e-8;
}

[Case("adam", "m ← β₁·m + (1 - β₁)·g; s ← β₂·s + (1 - β₂)·g²; w ← w - rate·(m/(1 - β₁ᵗ))/(√(s/(1 - β₂ᵗ)) + eps).")]
public sealed record AdamOptimizer : Optimizer
{
    [Key("The rate before the schedule."), Limits(AtLeast = 0)]
    public double LearningRate { get; init; } = 0.001;

    [Key("How much is kept of the average of gradients, and of that of squares."), Limits(AtLeast = 0, Below = 1)]
    public Sequence<double> Betas { get; init; } = [0.9, 0.999];

    [Key("What keeps the divisor from zero."), Limits(Above = 0)]
    public double Eps { get; init; } = 1e-8;
}
