using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>What evaluation reports.</summary>
public enum Metric
{
    Accuracy,
    ZeroOne,
    Mse,
    Mae,
    Loss,
    Top5,
    Perplexity,
    BitsPerCharacter,
    ExactMatch,
}

/// <summary>Evaluation, always over the whole validation part.</summary>
[OneOf("everyEpochs", "everySteps")]
public sealed record EvaluationSection
{
    [Key("After so many epochs each.", DefaultRule = "1, unless everySteps is given"), Limits(AtLeast = 1)]
    public int? EveryEpochs { get; init; }

    [Key("After so many steps each."), Limits(AtLeast = 1)]
    public long? EverySteps { get; init; }

    [Key("What is reported.", DefaultRule = "[mse] with l2, [mae] with l1, [accuracy] with the others, or [loss] where they have values from a file as targets"), NotEmpty, Distinct]
    public Sequence<Metric> Metrics { get; init; } = [];
}

/// <summary>When the state of a run is saved. No effect on the numbers.</summary>
[NotYet("everyMinutes")]
public sealed record CheckpointSection
{
    [Key("After so many steps each, and at the end."), Limits(AtLeast = 1)]
    public long EverySteps { get; init; } = 1000;

    [Key("How many are kept."), Limits(AtLeast = 1)]
    public int Keep { get; init; } = 3;
}

/// <summary>What the last evaluation must reach, or the run fails with exit code 3.</summary>
public sealed record TargetSection
{
    [Key("At least this part of the samples right."), Limits(AtLeast = 0, AtMost = 1)]
    public double? Accuracy { get; init; }

    [Key("At most this part of the samples wrong."), Limits(AtLeast = 0, AtMost = 1)]
    public double? ZeroOne { get; init; }

    [Key("At most this mean squared error."), Limits(AtLeast = 0)]
    public double? Mse { get; init; }

    [Key("At most this mean absolute error."), Limits(AtLeast = 0)]
    public double? Mae { get; init; }

    [Key("At most this validation loss."), Limits(AtLeast = 0)]
    public double? Loss { get; init; }

    [Key("At least this part of the samples with the right class among the five largest outputs."), Limits(AtLeast = 0, AtMost = 1)]
    public double? Top5 { get; init; }

    [Key("At most this perplexity."), Limits(AtLeast = 1)]
    public double? Perplexity { get; init; }

    [Key("At most so many bits a character."), Limits(AtLeast = 0)]
    public double? BitsPerCharacter { get; init; }

    [Key("At least this part of the samples right at every step."), Limits(AtLeast = 0, AtMost = 1)]
    public double? ExactMatch { get; init; }

    /// <summary>The goals that are set.</summary>
    public IEnumerable<Goal> Goals
    {
        get
        {
            (Metric, double?)[] all =
            [
                (Metric.Accuracy, Accuracy), (Metric.ZeroOne, ZeroOne), (Metric.Mse, Mse), (Metric.Mae, Mae), (Metric.Loss, Loss),
                (Metric.Top5, Top5), (Metric.Perplexity, Perplexity), (Metric.BitsPerCharacter, BitsPerCharacter), (Metric.ExactMatch, ExactMatch),
            ];
            foreach ((Metric metric, double? value) in all)
            {
                if (value is double bound)
                    yield return new Goal(metric, bound);
            }
        }
    }
}

/// <summary>A metric and the value that it must reach.</summary>
public sealed record Goal(Metric Metric, double Bound)
{
    /// <summary>Whether more is better; of errors and losses less is.</summary>
    public bool IsLowerBound => Metric is Metric.Accuracy or Metric.Top5 or Metric.ExactMatch;

    /// <summary>NaN reaches nothing.</summary>
    public bool IsReachedBy(double value) => IsLowerBound ? value >= Bound : value <= Bound;
}
