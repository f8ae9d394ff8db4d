using Lockstep.Engine.Functions;
using Lockstep.Engine.Kernels;
using Lockstep.Engine.Models;

namespace Lockstep.Engine.Losses;

/// <summary>
/// −log softmax(y)[c] = log Σⱼ exp(yⱼ − max) − (y_c − max), one term a sample; ∂/∂y = softmax(y) − one-hot(c).
/// </summary>
/// <remarks>Exponentials are float32, their sum and its logarithm float64, added in the order of the classes.</remarks>
public sealed unsafe class SoftmaxCrossEntropyLoss : Loss
{
    /// <param name="output">The classes [K], or those of each step [U, K].</param>
    /// <exception cref="ShapeException">The output has more axes, or none.</exception>
    public SoftmaxCrossEntropyLoss(Shape output)
        : base(output)
    {
        if (output.Rank is not (1 or 2))
            throw new ShapeException("softmaxCrossEntropy (loss)", "number of axes", "1, or 2 of a sequence", $"{output.Rank} ({output})", "End the network with a dense layer of one unit a class.");
    }

    public override string Name => "softmaxCrossEntropy";

    private protected override int TermsPerRow => 1;

    public override bool TakesClasses => true;

    private protected override double OfRow(in SampleRows rows, int row, float* output, float* outputGradient)
    {
        int classes = RowLength;
        // A NaN never is the largest, and needs not be: its own difference stays NaN and so makes the sum NaN.
        float largest = VectorMath.Max(output, classes);
        for (int j = 0; j < classes; j++)
            outputGradient[j] = output[j] - largest;
        int target = rows.ClassOf(row);
        double targetScore = outputGradient[target];

        VectorMath.Exp(outputGradient, outputGradient, classes);
        double sum = 0;
        for (int j = 0; j < classes; j++)
            sum += outputGradient[j];
        VectorMath.Divide(outputGradient, classes, (float)sum);
        outputGradient[target] -= 1;
        return ScalarMath.Log(sum) - targetScore;
    }
}
