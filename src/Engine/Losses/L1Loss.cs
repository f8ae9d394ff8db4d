using Lockstep.Engine.Models;

namespace Lockstep.Engine.Losses;

/// <summary>|y − t|, one term an output element; ∂/∂y = sign(y − t) with sign(0) = 0.</summary>
public sealed unsafe class L1Loss(Shape output) : Loss(output)
{
    public override string Name => "l1";

    private protected override int TermsPerRow => RowLength;

    public override bool TakesClasses => false;

    private protected override double OfRow(in SampleRows rows, int row, float* output, float* outputGradient)
    {
        int count = RowLength;
        float* target = rows.ValuesOf(row);
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            double difference = (double)output[i] - target[i];
            sum += Math.Abs(difference);
            // NaN is none of the three, and stays.
            outputGradient[i] = difference > 0 ? 1 : difference < 0 ? -1 : (float)difference;
        }
        return sum;
    }
}
