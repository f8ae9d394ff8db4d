using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>How the learning rate changes.</summary>
[Cases(typeof(StepDecay))]
[NotYet("exponential", "cosine", "inverse")]
public abstract record Schedule;

[Case("step", "The rate is multiplied by a factor every so many epochs or steps.")]
[OneOf("everyEpochs", "everySteps", Needed = true)]
[NotYet("warmUpSteps")]
public sealed record StepDecay : Schedule
{
    [Key("After so many epochs each."), Limits(AtLeast = 1)]
    public int? EveryEpochs { get; init; }

    [Key("After so many steps each."), Limits(AtLeast = 1)]
    public long? EverySteps { get; init; }

    [Key("What the rate is multiplied by."), Limits(Above = 0)]
    public required double Factor { get; init; }
}
