using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Metrics;

/// <summary>
/// Share of the samples of which every row that counts is right, its first largest output the target's. Of a decoder the rows are those that it gives when it
/// reads its own output, greedily, not the teacher's. A sample without a row that counts is left out.
/// </summary>
public sealed class ExactMatchMetric(float threshold) : Metric(MetricKind.ExactMatch)
{
    private readonly ClassMetric _row = new(MetricKind.Accuracy, threshold);

    public override bool TakesClasses => true;

    public override bool IsOfFreeRun => true;

    public override (double Sum, double Count) OfRow(in SampleRows rows, int row) => _row.OfRow(rows, row);

    public override (double Sum, double Count) OfSample(in SampleRows rows)
    {
        (double right, double count) = base.OfSample(rows);
        return count == 0 ? (0, 0) : (right == count ? 1 : 0, 1);
    }
}
