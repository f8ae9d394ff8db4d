using Lockstep.Engine.Data;

namespace Lockstep.Cli.Baselines;

/// <summary>What is known at a window's last row of a column to predict.</summary>
/// <param name="Name">The column, as the job calls it.</param>
/// <param name="IsChange">Whether differences or returns of it are predicted.</param>
/// <param name="Input">Its place among the input columns; −1 where it is none.</param>
internal readonly record struct PresentColumn(string Name, bool IsChange, int Input);

/// <summary>
/// Forecasts of values: the training part's mean, and of a time series that nothing changes, which is the value at the window's last row, or 0 where changes are
/// predicted. Errors are means over target elements, as those of the metrics mse and mae are, in the targets' own units.
/// </summary>
internal static unsafe class ValueBaselines
{
    /// <param name="training">The samples that means are of.</param>
    /// <param name="validation">The samples to predict.</param>
    /// <param name="present">Of a time series, what is known of each target at the window's end; null where samples are no windows.</param>
    public static IReadOnlyList<Baseline> Of(DataSet training, DataSet validation, IReadOnlyList<PresentColumn>? present)
    {
        double[] means = Means(training);
        var baselines = new List<Baseline>();
        if (present is not null && present.All(column => column.IsChange || column.Input >= 0))
            baselines.Add(Judged("no change", validation, (window, target) => present[target].IsChange ? 0 : window[^(validation.InputShape[1] - present[target].Input)]));
        baselines.Add(Judged("training mean", validation, (_, target) => means[target]));
        return baselines;
    }

    private static double[] Means(DataSet data)
    {
        double[] sums = new double[data.TargetLength];
        float[] target = new float[data.TargetLength];
        fixed (float* values = target)
        {
            for (int sample = 0; sample < data.Count; sample++)
            {
                data.CopyTarget(sample, values);
                for (int i = 0; i < sums.Length; i++)
                    sums[i] += target[i];
            }
        }
        return [.. sums.Select(sum => sum / data.Count)];
    }

    private static Baseline Judged(string name, DataSet data, Func<float[], int, double> forecast)
    {
        float[] input = new float[data.InputLength], target = new float[data.TargetLength];
        (double squares, double absolutes) = (0, 0);
        fixed (float* inputs = input, values = target)
        {
            for (int sample = 0; sample < data.Count; sample++)
            {
                data.CopyInput(sample, inputs);
                data.CopyTarget(sample, values);
                for (int i = 0; i < target.Length; i++)
                {
                    double error = forecast(input, i) - target[i];
                    squares += error * error;
                    absolutes += Math.Abs(error);
                }
            }
        }
        double count = (double)data.Count * target.Length;
        return new Baseline(name, [("mse", squares / count), ("mae", absolutes / count)]);
    }
}
