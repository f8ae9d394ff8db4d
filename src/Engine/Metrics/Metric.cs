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
        _ => throw new NotSupportedException($"There is no metric {kind}."),
    };

    /// <summary>Makes the metric of a kind; null for the loss, which has slots of its own.</summary>
    public static Metric? Create(MetricKind kind) => kind switch
    {
        MetricKind.Loss => null,
        MetricKind.Accuracy or MetricKind.ZeroOne => new ClassMetric(kind),
        MetricKind.MeanSquaredError or MetricKind.MeanAbsoluteError => new ErrorMetric(kind),
        _ => throw new NotSupportedException($"There is no metric {kind}."),
    };

    /// <summary>One sample's part of the sum and of the count.</summary>
    /// <param name="batch">Targets.</param>
    /// <param name="sample">Which sample.</param>
    /// <param name="output">The sample's output, [length].</param>
    /// <param name="length">Numbers of a sample's output.</param>
    public abstract (double Sum, double Count) OfSample(in Batch batch, int sample, float* output, int length);
}
