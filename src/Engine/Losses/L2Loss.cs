using Lockstep.Engine.Kernels;
using Lockstep.Engine.Models;

namespace Lockstep.Engine.Losses;

/// <summary>½(y − t)², one term an output element; ∂/∂y = y − t.</summary>
public sealed unsafe class L2Loss(Shape output) : Loss(output)
{
    public override string Name => "l2";

    private protected override int TermsPerRow => RowLength;

    public override bool TakesClasses => false;

    private protected override double OfRow(in SampleRows rows, int row, float* output, float* outputGradient)
    {
        int count = RowLength;
        float* target = rows.ValuesOf(row);
        VectorMath.Subtract(output, target, outputGradient, count);
        return 0.5 * VectorMath.SumOfSquares(outputGradient, count);
    }
}
