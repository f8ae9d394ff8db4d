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

    [Theory]
    [InlineData(0, true)]
    [InlineData(3, true)]
    [InlineData(5, false)]
    [InlineData(6, true)]
    [InlineData(1, false)]
    public void Top_five_takes_equal_outputs_in_their_order(int target, bool isRight)
    {
        float[] output = [5, 1, 4, 3, 2, 2, 9];
        Assert.Equal((isRight ? 1 : 0, 1), Part(MetricKind.TopFive, output, new Minibatch(1, [0], classes: [target])));
        output[1] = float.NaN;
        Assert.Equal((0, 1), Part(MetricKind.TopFive, output, new Minibatch(1, [0], classes: [target])));
    }

    [Theory]
    [InlineData(LossKind.Hinge, 0f, 1)]
    [InlineData(LossKind.Hinge, -0.1f, 0)]
    [InlineData(LossKind.Perceptron, -1f, 0)]
    [InlineData(LossKind.BinaryCrossEntropy, 0.4f, 1)]
    [InlineData(LossKind.BinaryCrossEntropyOnProbabilities, 0.4f, 0)]
    [InlineData(LossKind.BinaryCrossEntropyOnProbabilities, 0.5f, 1)]
    public void A_single_output_names_class_1_from_the_threshold_of_its_loss_on(LossKind loss, float output, int named)
    {
        for (int target = 0; target < 2; target++)
        {
            Assert.Equal((target == named ? 1 : 0, 1), Part(MetricKind.Accuracy, [output], new Minibatch(1, [0], classes: [target]), loss));
            Assert.Equal((0, 1), Part(MetricKind.Accuracy, [float.NaN], new Minibatch(1, [0], classes: [target]), loss));
        }
    }

    [Theory]
    [InlineData(LossReduction.Mean)]
    [InlineData(LossReduction.Sum)]
    public void Perplexity_and_bits_are_of_the_mean_loss(LossReduction reduction)
    {
        var sums = new StepSums(new LossSpec(LossKind.SoftmaxCrossEntropy, reduction), [MetricKind.Perplexity, MetricKind.Accuracy, MetricKind.BitsPerCharacter]);
        Assert.Equal(5, sums.Length);
        IReadOnlyList<(string Name, double Value)> values = sums.MetricValues([4 * Math.Log(8), 4, 4, 3, 4]);
        Assert.Equal(["loss", "perplexity", "accuracy", "bitsPerCharacter"], values.Select(value => value.Name));
        Assert.Equal(8, values[1].Value, 1e-12);
        Assert.Equal(0.75, values[2].Value);
        Assert.Equal(3, values[3].Value, 1e-12);
    }

    [Fact]
    public void Errors_are_summed_over_output_elements()
    {
        Assert.Equal((14.0, 3.0), Part(MetricKind.MeanSquaredError, [1, -2, 3], new Minibatch(1, [0], values: [0, 0, 0])));
        Assert.Equal((6.0, 3.0), Part(MetricKind.MeanAbsoluteError, [1, -2, 3], new Minibatch(1, [0], values: [0, 0, 0])));
    }

    [Fact]
    public void Every_metric_has_its_name_from_the_job_file() =>
        Assert.Equal(["loss", "accuracy", "zeroOne", "mse", "mae", "top5", "perplexity", "bitsPerCharacter", "exactMatch"], Enum.GetValues<MetricKind>().Select(Metric.NameOf));

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

    private static (double, double) Part(MetricKind kind, float[] output, Minibatch targets, LossKind loss = LossKind.SoftmaxCrossEntropy)
    {
        using (targets)
        {
            fixed (float* y = output)
                return Metric.Create(kind, new LossSpec(loss))!.OfSample(new SampleRows(targets.All(), 0, y, new Shape(output.Length)));
        }
    }
}
