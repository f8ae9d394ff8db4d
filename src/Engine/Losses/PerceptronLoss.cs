using Lockstep.Engine.Models;

namespace Lockstep.Engine.Losses;

/// <summary>
/// Σ of −t·y over the outputs with sign(y) ≠ t, where t = ±1 and sign(0) = +1, one term a sample; ∂/∂y = −t there, else 0
/// (Rosenblatt 1958). After a perceptron layer, whose output is ±1, it counts mistakes.
/// </summary>
public sealed unsafe class PerceptronLoss(Shape output) : Loss(output)
{
    public override string Name => "perceptron";

    private protected override int TermsPerRow => 1;

    public override bool TakesClasses => false;

    private protected override bool IsBinary => true;

    private protected override string ValuesTaken => "-1 or 1";

    private protected override double OfRow(in SampleRows rows, int row, float* output, float* outputGradient)
    {
        int count = RowLength;
        float* target = rows.ValuesOf(row);
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            float y = output[i], t = target[i];
            bool isMistake = float.IsNaN(y) || (y >= 0 ? 1 : -1) != t;
            sum += isMistake ? -(double)t * y : 0;
            outputGradient[i] = !isMistake ? 0 : float.IsNaN(y) ? y : -t;
        }
        return sum;
    }

    private protected override bool Takes(float value) => value is 1 or -1;
}
