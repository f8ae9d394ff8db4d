using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>How parameters change.</summary>
[Cases(typeof(SgdOptimizer))]
[NotYet("adagrad", "rmsprop", "adam")]
public abstract record Optimizer;

[Case("sgd", "v ← momentum·v + g; w ← w - rate·v, or with nesterov w ← w - rate·(g + momentum·v).")]
public sealed record SgdOptimizer : Optimizer
{
    [Key("The rate before the schedule."), Limits(AtLeast = 0)]
    public required double LearningRate { get; init; }

    [Key("How much of the last update's direction is kept."), Limits(AtLeast = 0, Below = 1)]
    public double Momentum { get; init; }

    [Key("Nesterov's form of momentum.")]
    public bool Nesterov { get; init; }

    [Key("λ in g + λ·w, added to the clipped gradient of every parameter; no part of the loss."), Limits(AtLeast = 0)]
    public double WeightDecay { get; init; }
}
