using Lockstep.Engine.Models;

namespace Lockstep.Engine.Losses;

/// <summary>max(0, 1 − t·y) with t = ±1, one term an output element; ∂/∂y = −t where t·y is less than 1, else 0.</summary>
public sealed unsafe class HingeLoss(Shape output) : Loss(output)
{
    public override string Name => "hinge";

    private protected override int TermsPerRow => RowLength;

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
            double missing = 1 - ((double)target[i] * output[i]);
            // NaN is not at most 0, so it comes through.
            bool isInside = !(missing <= 0);
            sum += isInside ? missing : 0;
            outputGradient[i] = !isInside ? 0 : double.IsNaN(missing) ? float.NaN : -target[i];
        }
        return sum;
    }

    private protected override bool Takes(float value) => value is 1 or -1;
}
