using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Metrics;

/// <summary>Something that evaluation reports: a mean, of which every sample gives its part of the sum and of the count.</summary>
public abstract unsafe class Metric
{
    private protected Metric(MetricKind kind) => Kind = kind;

    /// <summary>Which metric.</summary>
    public MetricKind Kind { get; }

    /// <summary>Whether targets must be class numbers; else they must be values of the output's shape.</summary>
    public abstract bool TakesClasses { get; }

    /// <summary>The name that job files and reports use.</summary>
    public static string NameOf(MetricKind kind) => kind switch
    {
        MetricKind.Loss => "loss",
        MetricKind.Accuracy => "accuracy",
        MetricKind.ZeroOne => "zeroOne",
        MetricKind.MeanSquaredError => "mse",
        MetricKind.MeanAbsoluteError => "mae",
        MetricKind.TopFive => "top5",
        MetricKind.Perplexity => "perplexity",
        MetricKind.BitsPerCharacter => "bitsPerCharacter",
        _ => throw new NotSupportedException($"There is no metric {kind}."),
    };

    /// <summary>Whether the metric is a function of the mean loss, and so has no slots of its own.</summary>
    public static bool IsOfLoss(MetricKind kind) => kind is MetricKind.Loss or MetricKind.Perplexity or MetricKind.BitsPerCharacter;

    /// <summary>Makes the metric of a kind; null where <see cref="IsOfLoss"/>.</summary>
    /// <param name="kind">Which metric.</param>
    /// <param name="loss">The loss: it says where a single output stands for class 1.</param>
    public static Metric? Create(MetricKind kind, LossSpec loss) => kind switch
    {
        MetricKind.Accuracy or MetricKind.ZeroOne or MetricKind.TopFive => new ClassMetric(kind, loss.Threshold),
        MetricKind.MeanSquaredError or MetricKind.MeanAbsoluteError => new ErrorMetric(kind),
        _ when IsOfLoss(kind) => null,
        _ => throw new NotSupportedException($"There is no metric {kind}."),
    };

    /// <summary>One sample's part of the sum and of the count.</summary>
    /// <param name="batch">Targets.</param>
    /// <param name="sample">Which sample.</param>
    /// <param name="output">The sample's output, [length].</param>
    /// <param name="length">Numbers of a sample's output.</param>
    public abstract (double Sum, double Count) OfSample(in Batch batch, int sample, float* output, int length);
}
