using Lockstep.Engine.Models;

namespace Lockstep.Engine.Losses;

/// <summary>
/// Σ over j ≠ c of max(0, 1 + yⱼ − y_c), one term a sample, not divided by the number of classes (Weston and Watkins 1999);
/// ∂/∂yⱼ = 1 where its part is above 0, ∂/∂y_c = −(how many are).
/// </summary>
public sealed unsafe class MulticlassHingeLoss : Loss
{
    /// <param name="output">The classes [K], or those of each step [U, K].</param>
    /// <exception cref="ShapeException">The output has more axes, or none.</exception>
    public MulticlassHingeLoss(Shape output)
        : base(output)
    {
        if (output.Rank is not (1 or 2))
            throw new ShapeException("multiclassHinge (loss)", "number of axes", "1, or 2 of a sequence", $"{output.Rank} ({output})", "End the network with a dense layer of one unit a class.");
    }

    public override string Name => "multiclassHinge";

    private protected override int TermsPerRow => 1;

    public override bool TakesClasses => true;

    private protected override double OfRow(in SampleRows rows, int row, float* output, float* outputGradient)
    {
        int target = rows.ClassOf(row);
        double score = output[target];
        double sum = 0;
        float inside = 0;
        for (int j = 0; j < RowLength; j++)
        {
            double missing = 1 + (output[j] - score);
            // NaN is not at most 0, so it comes through.
            bool isInside = j != target && !(missing <= 0);
            sum += isInside ? missing : 0;
            outputGradient[j] = !isInside ? 0 : double.IsNaN(missing) ? float.NaN : 1;
            inside += outputGradient[j];
        }
        outputGradient[target] = -inside;
        return sum;
    }
}
