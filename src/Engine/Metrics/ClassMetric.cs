using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Metrics;

/// <summary>
/// Share of the rows whose first largest output is (accuracy), or is not (zero-one loss), the target's, or is with four more
/// (top-5; of equal outputs the first ones count as larger). An output with a NaN in it names no class, so it is wrong.
/// A single output names class 1 where it reaches a threshold, else class 0.
/// </summary>
public sealed unsafe class ClassMetric(MetricKind kind, float threshold) : Metric(kind)
{
    public override bool TakesClasses => true;

    public override (double Sum, double Count) OfRow(in SampleRows rows, int row)
    {
        float* output = rows.OutputOf(row);
        int target = rows.ClassOf(row);
        int rank = rows.Length == 1 ? RankOfSide(output[0], target) : Rank(output, rows.Length, target);
        bool isRight = rank < (Kind == MetricKind.TopFive ? 5 : 1);
        return (isRight == (Kind != MetricKind.ZeroOne) ? 1 : 0, 1);
    }

    private int RankOfSide(float output, int target) =>
        float.IsNaN(output) ? int.MaxValue : (output >= threshold ? 1 : 0) == target ? 0 : 1;

    // How many outputs come before the target's.
    private static int Rank(float* output, int length, int target)
    {
        int rank = 0;
        for (int i = 0; i < length; i++)
        {
            if (float.IsNaN(output[i]))
                return int.MaxValue;
            if (output[i] > output[target] || (i < target && output[i] == output[target]))
                rank++;
        }
        return rank;
    }
}
