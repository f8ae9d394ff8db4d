using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Metrics;

/// <summary>Something that evaluation reports: a mean, of which every row, a sample or a step of a sequence, gives its part of the sum and of the count.</summary>
public abstract unsafe class Metric
{
    private protected Metric(MetricKind kind) => Kind = kind;

    /// <summary>Which metric.</summary>
    public MetricKind Kind { get; }

    /// <summary>Whether targets must be class numbers; else they must be values of the output's shape.</summary>
    public abstract bool TakesClasses { get; }

    /// <summary>Whether a decoder is judged by what it gives when it reads its own output; else as it is trained.</summary>
    public virtual bool IsOfFreeRun => false;

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
        MetricKind.ExactMatch => "exactMatch",
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
        MetricKind.ExactMatch => new ExactMatchMetric(loss.Threshold),
        _ when IsOfLoss(kind) => null,
        _ => throw new NotSupportedException($"There is no metric {kind}."),
    };

    /// <summary>One row's part of the sum and of the count.</summary>
    /// <param name="rows">A sample's output and its target.</param>
    /// <param name="row">Which row.</param>
    public abstract (double Sum, double Count) OfRow(in SampleRows rows, int row);

    /// <summary>One sample's part of the sum and of the count: the sums over the rows that count, in order.</summary>
    /// <param name="rows">The sample's output and its target.</param>
    public virtual (double Sum, double Count) OfSample(in SampleRows rows)
    {
        (double sum, double count) = (0, 0);
        for (int row = 0; row < rows.Count; row++)
        {
            if (!rows.Counts(row))
                continue;
            (double part, double parts) = OfRow(rows, row);
            sum += part;
            count += parts;
        }
        return (sum, count);
    }
}
