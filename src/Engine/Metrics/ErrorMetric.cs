using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Metrics;

/// <summary>Mean over output elements of (y − t)² or |y − t|, in float64.</summary>
public sealed unsafe class ErrorMetric(MetricKind kind) : Metric(kind)
{
    public override bool TakesClasses => false;

    public override (double Sum, double Count) OfRow(in SampleRows rows, int row)
    {
        float* output = rows.OutputOf(row), target = rows.ValuesOf(row);
        double sum = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            double error = (double)output[i] - target[i];
            sum += Kind == MetricKind.MeanSquaredError ? error * error : Math.Abs(error);
        }
        return (sum, rows.Length);
    }
}
