using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>How the learning rate changes.</summary>
[Cases(typeof(StepDecay), typeof(ExponentialDecay), typeof(CosineDecay), typeof(InverseDecay))]
public abstract record Schedule
{
    [Key("So many first steps raise the rate evenly up to its full size; then the schedule begins."), Limits(AtLeast = 0)]
    public long WarmUpSteps { get; init; }
}

[Case("step", "The rate is multiplied by a factor every so many epochs or steps.")]
[OneOf("everyEpochs", "everySteps", Needed = true)]
public sealed record StepDecay : Schedule
{
    [Key("After so many epochs each."), Limits(AtLeast = 1)]
    public int? EveryEpochs { get; init; }

    [Key("After so many steps each."), Limits(AtLeast = 1)]
    public long? EverySteps { get; init; }

    [Key("What the rate is multiplied by."), Limits(Above = 0)]
    public required double Factor { get; init; }
}

[Case("exponential", "The rate falls a little at every step, evenly, by a factor in so many epochs or steps.")]
[OneOf("everyEpochs", "everySteps", Needed = true)]
public sealed record ExponentialDecay : Schedule
{
    [Key("In so many epochs."), Limits(AtLeast = 1)]
    public int? EveryEpochs { get; init; }

    [Key("In so many steps."), Limits(AtLeast = 1)]
    public long? EverySteps { get; init; }

    [Key("What the rate is multiplied by."), Limits(Above = 0)]
    public required double Factor { get; init; }
}

[Case("cosine", "to + (rate - to)·(1 + cos(πk/overSteps))/2 in step k.")]
public sealed record CosineDecay : Schedule
{
    [Key("The lowest rate."), Limits(AtLeast = 0)]
    public double To { get; init; }

    [Key("The step, warm-up included, at which it is reached; after it the rate rises again."), Limits(AtLeast = 1)]
    public required long OverSteps { get; init; }
}

[Case("inverse", "rate/(1 + r·k) in step k.")]
public sealed record InverseDecay : Schedule
{
    [Key("r."), Limits(AtLeast = 0)]
    public required double Rate { get; init; }
}
