using Lockstep.Engine.Functions;
using Lockstep.Engine.Metrics;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Models;

/// <summary>
/// The vector of sums that travels beside a gradient: undivided loss, samples, terms, and for each metric the sum and
/// count of its mean. Each slot is summed in the order of the samples within a leaf, and leaves as the sum tree says.
/// </summary>
public sealed class StepSums
{
    /// <summary>Slot of the undivided loss, penalties not included.</summary>
    public const int Loss = 0;

    /// <summary>Slot of the number of samples.</summary>
    public const int Samples = 1;

    /// <summary>Slot of the number of the loss's terms.</summary>
    public const int Terms = 2;

    private const int FirstMetric = 3;

    private const double Ln2 = 0.6931471805599453;

    private readonly LossReduction _reduction;
    private readonly MetricKind[] _reported;

    /// <param name="loss">The loss, for its reduction.</param>
    /// <param name="metrics">What is reported beside the loss, in this order.</param>
    /// <param name="diagnostics">Which layers are asked how they fare; null for none.</param>
    public StepSums(LossSpec loss, IReadOnlyList<MetricKind> metrics, DiagnosticSlots? diagnostics = null)
    {
        _reduction = loss.Reduction;
        _reported = [.. metrics.Distinct().Where(kind => kind != MetricKind.Loss)];
        Metrics = [.. _reported.Select(kind => Metric.Create(kind, loss)).OfType<Metric>()];
        Diagnostics = diagnostics ?? DiagnosticSlots.None;
        FirstDiagnostic = FirstMetric + (2 * Metrics.Count);
        Length = FirstDiagnostic + Diagnostics.Length;
    }

    /// <summary>Metrics that have slots.</summary>
    public IReadOnlyList<Metric> Metrics { get; }

    /// <summary>What layers say of themselves, in the last slots; +0 in steps that do not ask.</summary>
    public DiagnosticSlots Diagnostics { get; }

    /// <summary>The first slot of <see cref="Diagnostics"/>.</summary>
    public int FirstDiagnostic { get; }

    /// <summary>How many slots.</summary>
    public int Length { get; }

    /// <summary>Slot of a metric's sum; the one after it is its count.</summary>
    public static int MetricSlot(int metric) => FirstMetric + (2 * metric);

    /// <summary>result = left + right, slot by slot: the sum of a node of the tree from its halves.</summary>
    public static void Add(ReadOnlySpan<double> left, ReadOnlySpan<double> right, Span<double> result)
    {
        for (int i = 0; i < result.Length; i++)
            result[i] = left[i] + right[i];
    }

    /// <summary>Samples of the minibatch, at least 1.</summary>
    public static long SampleCount(ReadOnlySpan<double> sums) => Math.Max(1, (long)sums[Samples]);

    /// <summary>What a gradient sum is divided by: terms for a mean, at least 1; 1 for a sum.</summary>
    public long Divisor(ReadOnlySpan<double> sums) => _reduction == LossReduction.Sum ? 1 : Math.Max(1, (long)sums[Terms]);

    /// <summary>The loss under its reduction, without penalties.</summary>
    public double LossValue(ReadOnlySpan<double> sums) => sums[Loss] / Divisor(sums);

    /// <summary>What the layers say of themselves, by <c>kind/layer/value</c>.</summary>
    public IReadOnlyList<(string Name, double Value)> DiagnosticValues(ReadOnlySpan<double> sums) =>
        Diagnostics.Values(sums[FirstDiagnostic..], Divisor(sums));

    /// <summary>
    /// The loss and every metric, by the names that job files use; NaN where nothing was counted. Perplexity is the exponential of the
    /// mean loss, bits per character are the mean loss divided by ln 2; both take the mean whatever the reduction.
    /// </summary>
    public IReadOnlyList<(string Name, double Value)> MetricValues(ReadOnlySpan<double> sums)
    {
        var values = new List<(string, double)> { (Metric.NameOf(MetricKind.Loss), LossValue(sums)) };
        int slot = FirstMetric;
        foreach (MetricKind kind in _reported)
        {
            values.Add((Metric.NameOf(kind), kind switch
            {
                MetricKind.Perplexity => ScalarMath.Exp(sums[Loss] / sums[Terms]),
                MetricKind.BitsPerCharacter => sums[Loss] / sums[Terms] / Ln2,
                _ => sums[slot] / sums[slot + 1],
            }));
            slot += Metric.IsOfLoss(kind) ? 0 : 2;
        }
        return values;
    }
}
