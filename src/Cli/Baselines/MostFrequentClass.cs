using System.Globalization;
using Lockstep.Engine.Data;

namespace Lockstep.Cli.Baselines;

/// <summary>Always the class that the training part has most of; of equally frequent ones the first.</summary>
internal static class MostFrequentClass
{
    public static Baseline Of(DataSet training, DataSet validation)
    {
        int[] counts = new int[training.ClassCount];
        for (int sample = 0; sample < training.Count; sample++)
            counts[training.ClassOf(sample)]++;
        int most = Array.IndexOf(counts, counts.Max());
        int right = Enumerable.Range(0, validation.Count).Count(sample => validation.ClassOf(sample) == most);
        return new Baseline(
            "most frequent class", [("accuracy", (double)right / validation.Count)],
            string.Create(CultureInfo.InvariantCulture, $"class {training.ClassNames[most]} of {training.ClassCount} classes"));
    }
}
