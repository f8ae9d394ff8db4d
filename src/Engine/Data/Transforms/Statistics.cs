namespace Lockstep.Engine.Data.Transforms;

/// <summary>
/// Sums over the training part, in float64, sample after sample and within a sample place after place: a fixed order,
/// so that every machine gets the same bits.
/// </summary>
internal static unsafe class Statistics
{
    /// <summary>Writes one sample's numbers, as the transforms before this one leave them.</summary>
    public delegate void SampleReader(int sample, float[] destination);

    /// <summary>The mean of each group of elements; element i is in group ⌊i/span⌋.</summary>
    public static double[] Means(int samples, int length, int span, SampleReader read)
    {
        double[] sums = new double[length / span];
        float[] sample = new float[length];
        for (int n = 0; n < samples; n++)
        {
            read(n, sample);
            for (int i = 0; i < length; i++)
                sums[i / span] += sample[i];
        }
        double count = (double)samples * span;
        for (int group = 0; group < sums.Length; group++)
            sums[group] /= count;
        return sums;
    }

    /// <summary>√(Σ(x − mean)²/n) of each element; 1 where that is 0 in single precision.</summary>
    public static double[] Deviations(int samples, double[] means, SampleReader read)
    {
        double[] sums = new double[means.Length];
        float[] sample = new float[means.Length];
        for (int n = 0; n < samples; n++)
        {
            read(n, sample);
            for (int i = 0; i < sums.Length; i++)
            {
                double difference = sample[i] - means[i];
                sums[i] += difference * difference;
            }
        }
        for (int i = 0; i < sums.Length; i++)
        {
            double deviation = Math.Sqrt(sums[i] / samples);
            sums[i] = (float)deviation > 0 ? deviation : 1;
        }
        return sums;
    }
}
