using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>What a run shows of its training beside loss and metrics. No effect on the numbers.</summary>
public sealed record DiagnosticsSection
{
    [Key("Of every so many steps one is shown."), Limits(AtLeast = 1)]
    public long EverySteps { get; init; } = 100;

    [Key("What is shown.", DefaultRule = "all of them"), NotEmpty, Distinct]
    public Sequence<Diagnostic> Show { get; init; } = [];
}

public enum Diagnostic
{
    GradientNorms,
    UpdateRatios,
    DeadRelus,
    GradientByTime,
}
