using Lockstep.Engine.Functions;
using Lockstep.Engine.Models;

namespace Lockstep.Engine.Losses;

/// <summary>
/// −t·log y − (1 − t)·log(1 − y) of probabilities y, one term an output element, t in [0, 1]; ∂/∂y = (y − t)/(y·(1 − y)).
/// As PyTorch has it, no logarithm counts for less than −100, and the gradient's divisor for no less than 1e-12.
/// </summary>
/// <remarks>In float64; the gradient is rounded once. A y outside [0, 1] makes the loss NaN.</remarks>
public sealed unsafe class ProbabilityCrossEntropyLoss(Shape output) : Loss(output)
{
    private const double LeastLogarithm = -100;
    private const double LeastDivisor = 1e-12;

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
            // Math.Max lets NaN through.
            double yes = Math.Max(ScalarMath.Log(y), LeastLogarithm);
            double no = Math.Max(ScalarMath.Log(1 - y), LeastLogarithm);
            sum -= (t * yes) + ((1 - t) * no);
            outputGradient[i] = (float)((y - t) / Math.Max(y * (1 - y), LeastDivisor));
        }
        return sum;
    }

    private protected override bool Takes(float value) => value is >= 0 and <= 1;
}
