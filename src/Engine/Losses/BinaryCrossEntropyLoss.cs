using Lockstep.Engine.Functions;
using Lockstep.Engine.Models;

namespace Lockstep.Engine.Losses;

/// <summary>
/// −t·log σ(y) − (1 − t)·log(1 − σ(y)) = max(y, 0) − t·y + log(1 + exp(−|y|)), one term an output element, t in [0, 1];
/// ∂/∂y = σ(y) − t.
/// </summary>
/// <remarks>In float64; the gradient is rounded once.</remarks>
public sealed unsafe class BinaryCrossEntropyLoss(Shape output) : Loss(output)
{
    public override string Name => "binaryCrossEntropy";

    private protected override int TermsPerRow => RowLength;

    public override bool TakesClasses => false;

    private protected override bool IsBinary => true;

    private protected override string ValuesTaken => "between 0 and 1";

    private protected override double OfRow(in SampleRows rows, int row, float* output, float* outputGradient)
    {
        int count = RowLength;
        float* target = rows.ValuesOf(row);
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            double y = output[i], t = target[i];
            double e = ScalarMath.Exp(-Math.Abs(y));
            sum += Math.Max(y, 0) - (t * y) + LogOfOnePlus(e);
            outputGradient[i] = (float)(((y >= 0 ? 1 : e) / (1 + e)) - t);
        }
        return sum;
    }

    private protected override bool Takes(float value) => value is >= 0 and <= 1;

    // log(1 + e), corrected for what rounding took from 1 + e (Goldberg 1991, theorem 4).
    private static double LogOfOnePlus(double e)
    {
        double sum = 1 + e;
        return sum == 1 ? e : ScalarMath.Log(sum) * (e / (sum - 1));
    }
}
