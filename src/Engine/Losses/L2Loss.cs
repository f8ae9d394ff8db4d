using Lockstep.Engine.Kernels;
using Lockstep.Engine.Models;

namespace Lockstep.Engine.Losses;

/// <summary>½(y − t)², one term an output element; ∂/∂y = y − t.</summary>
public sealed unsafe class L2Loss(Shape output) : Loss(output)
{
    public override string Name => "l2";

    public override int TermsPerSample => Output.Length;

    public override bool TakesClasses => false;

    private protected override double OfSample(in Batch batch, int sample, float* output, float* outputGradient)
    {
        int count = Output.Length;
        float* target = batch.Values + ((long)sample * count);
        VectorMath.Subtract(output, target, outputGradient, count);
        return 0.5 * VectorMath.SumOfSquares(outputGradient, count);
    }
}
