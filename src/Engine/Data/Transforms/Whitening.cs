using System.Numerics;

namespace Lockstep.Engine.Data.Transforms;

/// <summary>y_k = Σ_i (x_i − mean_i)·w_ik, added in the order of i.</summary>
/// <param name="mean">[D].</param>
/// <param name="weights">[D, K]: a row for each input, so that all outputs grow side by side and the width of the vectors changes nothing.</param>
internal sealed unsafe class FittedWhiten(float[] mean, float[] weights) : ReshapingTransform([weights.Length / mean.Length])
{
    public const string Mean = "mean";
    public const string Weights = "weights";

    public override IReadOnlyList<(string Name, float[] Values)> Statistics => [(Mean, mean), (Weights, weights)];

    public override void Write(float* sample, float* output, in SampleVisit visit)
    {
        int count = weights.Length / mean.Length;
        new Span<float>(output, count).Clear();
        for (int i = 0; i < mean.Length; i++)
        {
            float difference = sample[i] - mean[i];
            int row = i * count, k = 0;
            for (; k <= count - Vector<float>.Count; k += Vector<float>.Count)
                (Vector.Load(output + k) + new Vector<float>(weights, row + k) * difference).Store(output + k);
            for (; k < count; k++)
                output[k] += weights[row + k] * difference;
        }
    }
}

/// <summary>Finds the principal components of the training part.</summary>
internal static class WhiteningFit
{
    /// <summary>The covariance has the square of it, and its decomposition takes time with the cube.</summary>
    private const int MostElements = 4096;

    /// <summary>How many components there are.</summary>
    /// <exception cref="DataException">More are asked for than there are elements, or there are too many elements.</exception>
    public static int Components(WhitenTransform spec, int length, string source)
    {
        if (length > MostElements)
            throw new DataException(source, $"Its inputs have {length} elements; principal components are found for at most {MostElements}.", "Use 'standardize', or smaller inputs.");
        if (spec.Components < 1 || spec.Components > length)
            throw new DataException(source, $"Inputs of {length} elements have no {spec.Components} principal components.", $"Give a number from 1 to {length}.");
        return spec.Components;
    }

    /// <exception cref="DataException">The transform does not suit the data.</exception>
    public static FittedWhiten Of(WhitenTransform spec, int samples, int length, string source, Statistics.SampleReader read)
    {
        int components = Components(spec, length, source);
        if (!(spec.Epsilon >= 0))
            throw new DataException(source, FormattableString.Invariant($"The epsilon {spec.Epsilon} is below 0."), "Give a small number such as 1e-5.");
        double[] means = Statistics.Means(samples, length, 1, read);
        (double[] values, double[][] vectors) = SymmetricEigen.Decompose(Covariance(samples, means, read));
        float[] weights = new float[length * components];
        for (int k = 0; k < components; k++)
        {
            // Rounding may leave an eigenvalue that is 0 a little below it.
            double variance = Math.Max(values[k], 0) + spec.Epsilon;
            double factor = variance > 0 ? 1 / Math.Sqrt(variance) : 0;
            for (int i = 0; i < length; i++)
                weights[i * components + k] = (float)(vectors[k][i] * factor);
        }
        if (Array.Exists(weights, weight => !float.IsFinite(weight)))
            throw new DataException(source, "A principal component varies too little to be scaled to 1 in single precision.", "Give a larger epsilon, or fewer components.");
        return new FittedWhiten([.. means.Select(mean => (float)mean)], weights);
    }

    /// <summary>
    /// Σ(x − mean)(x − mean)ᵀ/n, sample after sample. Some samples are added at a time, each element in their order, so that the matrix passes through the cache less often.
    /// </summary>
    internal static double[][] Covariance(int samples, double[] means, Statistics.SampleReader read)
    {
        const int Together = 16;
        int length = means.Length;
        double[][] sums = [.. means.Select(_ => new double[length])];
        double[][] differences = [.. Enumerable.Range(0, Together).Select(_ => new double[length])];
        float[] sample = new float[length];
        for (int n = 0; n < samples; n += Together)
        {
            int taken = Math.Min(Together, samples - n);
            for (int k = 0; k < taken; k++)
            {
                read(n + k, sample);
                for (int i = 0; i < length; i++)
                    differences[k][i] = sample[i] - means[i];
            }
            for (int i = 0; i < length; i++)
                AddProducts(sums[i], differences, taken, i);
        }
        for (int i = 0; i < length; i++)
        {
            for (int j = 0; j <= i; j++)
                sums[i][j] = sums[j][i] = sums[i][j] / samples;
        }
        return sums;
    }

    /// <summary>Adds x_j·x_i of some samples for every j up to i.</summary>
    private static void AddProducts(double[] sums, double[][] differences, int samples, int i)
    {
        int j = 0;
        for (; j <= i + 1 - Vector<double>.Count; j += Vector<double>.Count)
        {
            var sum = new Vector<double>(sums, j);
            for (int k = 0; k < samples; k++)
                sum += new Vector<double>(differences[k], j) * differences[k][i];
            sum.CopyTo(sums, j);
        }
        for (; j <= i; j++)
        {
            for (int k = 0; k < samples; k++)
                sums[j] += differences[k][j] * differences[k][i];
        }
    }
}
