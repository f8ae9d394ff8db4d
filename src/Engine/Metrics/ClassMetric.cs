using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Metrics;

/// <summary>
/// Share of the samples whose first largest output is (accuracy), or is not (zero-one loss), the target's. An output
/// with a NaN in it names no class, so it is wrong.
/// </summary>
public sealed unsafe class ClassMetric(MetricKind kind) : Metric(kind)
{
    public override bool TakesClasses => true;

    public override (double Sum, double Count) OfSample(in Batch batch, int sample, float* output, int length)
    {
        bool isRight = FirstLargest(output, length) == batch.Classes[sample];
        return (isRight == (Kind == MetricKind.Accuracy) ? 1 : 0, 1);
    }

    private static int FirstLargest(float* output, int length)
    {
        int best = 0;
        for (int i = 0; i < length; i++)
        {
            if (float.IsNaN(output[i]))
                return -1;
            if (output[i] > output[best])
                best = i;
        }
        return best;
    }
}
