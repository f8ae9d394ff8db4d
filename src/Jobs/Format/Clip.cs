using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>A bound on the gradient.</summary>
[Cases(typeof(GlobalNormLimit), typeof(ValueLimit))]
public abstract record Clip;

[Case("globalNorm", "The whole gradient is scaled down to this norm.")]
public sealed record GlobalNormLimit : Clip
{
    [Key("The norm."), Value, Limits(Above = 0)]
    public required double Limit { get; init; }
}

[Case("value", "Every element is cut to plus or minus this.")]
public sealed record ValueLimit : Clip
{
    [Key("The bound."), Value, Limits(Above = 0)]
    public required double Limit { get; init; }
}

/// <summary>Penalties in the loss, l2/2·‖W‖² + l1·‖W‖₁, and a bound on norms.</summary>
public sealed record Regularization
{
    [Key("λ in λ/2·‖W‖²."), Limits(AtLeast = 0)]
    public double L2 { get; init; }

    [Key("λ in λ·‖W‖₁."), Limits(AtLeast = 0)]
    public double L1 { get; init; }

    [Key("After every update each output unit's weights are scaled down to this norm. Without it: no bound."), Limits(Above = 0)]
    public double? MaxNorm { get; init; }

    [Key("Whether all this holds for biases too.")]
    public bool Biases { get; init; }
}
