using Lockstep.Engine.Models;

namespace Lockstep.Engine.Losses;

/// <summary>|y − t|, one term an output element; ∂/∂y = sign(y − t) with sign(0) = 0.</summary>
public sealed unsafe class L1Loss(Shape output) : Loss(output)
{
    public override string Name => "l1";

    public override int TermsPerSample => Output.Length;

    public override bool TakesClasses => false;

    private protected override double OfSample(in Batch batch, int sample, float* output, float* outputGradient)
    {
        int count = Output.Length;
        float* target = batch.Values + ((long)sample * count);
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
