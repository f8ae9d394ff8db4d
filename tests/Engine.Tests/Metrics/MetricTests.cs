using Lockstep.Engine.Metrics;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;

namespace Lockstep.Engine.Tests.Metrics;

public sealed unsafe class MetricTests
{
    [Theory]
    [InlineData(new float[] { 1, 3, 2 }, 1, true)]
    [InlineData(new float[] { 1, 3, 2 }, 2, false)]
    [InlineData(new float[] { 3, 3, 2 }, 0, true)]
    [InlineData(new float[] { 3, 3, 2 }, 1, false)]
    [InlineData(new float[] { float.NaN, 3, 2 }, 0, false)]
    [InlineData(new float[] { 3, float.NaN, 2 }, 0, false)]
    public void Accuracy_counts_the_first_largest_output_and_zero_one_the_rest(float[] output, int target, bool isRight)
    {
        Assert.Equal((isRight ? 1 : 0, 1), Part(MetricKind.Accuracy, output, new Minibatch(1, [0], classes: [target])));
        Assert.Equal((isRight ? 0 : 1, 1), Part(MetricKind.ZeroOne, output, new Minibatch(1, [0], classes: [target])));
    }

    [Fact]
    public void Errors_are_summed_over_output_elements()
    {
        Assert.Equal((14.0, 3.0), Part(MetricKind.MeanSquaredError, [1, -2, 3], new Minibatch(1, [0], values: [0, 0, 0])));
        Assert.Equal((6.0, 3.0), Part(MetricKind.MeanAbsoluteError, [1, -2, 3], new Minibatch(1, [0], values: [0, 0, 0])));
    }

    [Fact]
    public void Every_metric_has_its_name_from_the_job_file() =>
        Assert.Equal(["loss", "accuracy", "zeroOne", "mse", "mae"], Enum.GetValues<MetricKind>().Select(Metric.NameOf));

    [Fact]
    public void Means_are_taken_once_of_added_sums()
    {
        var sums = new StepSums(new LossSpec(LossKind.SoftmaxCrossEntropy), [MetricKind.Accuracy, MetricKind.Loss, MetricKind.ZeroOne]);
        double[] added = new double[sums.Length];
        StepSums.Add([6, 3, 3, 2, 3, 1, 3], [4, 2, 2, 2, 2, 0, 2], added);
        Assert.Equal([("loss", 2.0), ("accuracy", 0.8), ("zeroOne", 0.2)], sums.MetricValues(added));
        Assert.Equal(5, sums.Divisor(added));
    }

    [Fact]
    public void A_summed_loss_is_not_divided()
    {
        var sums = new StepSums(new LossSpec(LossKind.L2, LossReduction.Sum), []);
        Assert.Equal([("loss", 10.0)], sums.MetricValues([10, 3, 6]));
        Assert.Equal(1, sums.Divisor([10, 3, 6]));
    }

    [Fact]
    public void A_minibatch_without_samples_has_a_divisor_all_the_same() =>
        Assert.Equal(1, new StepSums(new LossSpec(LossKind.L2), []).Divisor([0, 0, 0]));

    private static (double, double) Part(MetricKind kind, float[] output, Minibatch targets)
    {
        using (targets)
        {
            fixed (float* y = output)
                return Metric.Create(kind)!.OfSample(targets.All(), 0, y, output.Length);
        }
    }
}
