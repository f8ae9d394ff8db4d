using Lockstep.Engine.Kernels;
using Lockstep.Engine.Layers;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Layers;

public sealed unsafe class BatchNormLayerTests
{
    private const float Epsilon = 1e-3f;

    /// <summary>Shapes of one sample: odd sizes, more and fewer than a strip of channels and than the lanes of a sum.</summary>
    public static TheoryData<int[], int, int> Shapes() => new()
    {
        { [5], 7, 1 }, { [67], 9, 4 }, { [4, 3], 5, 2 }, { [3, 70], 6, 2 }, { [3, 5, 7], 6, 2 }, { [2, 1, 3], 9, 8 }, { [1, 4, 4], 5, 1 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_leaf_is_normalized_by_its_own_statistics(int[] axes, int samples, int shards)
    {
        using var run = new LayerRun(new BatchNormSpec(0.1f, Epsilon), new Shape(axes), samples, threads: 2);
        (float[] x, double[] weight, double[] bias) = Fill(run, samples);
        float[] y = run.Forward(Phase.Training, x, shards);
        float[] means = new float[weight.Length], variances = new float[weight.Length];
        for (int leaf = 0; leaf < shards; leaf++)
        {
            (int start, int end) = SumTree.LeafSamples(leaf, shards, samples);
            double[] expected = Normalized(run.Layer.Input, Part(x, run, start, end), weight, bias, out double[] mean, out double[] variance, out int count);
            Assert.Equal(expected, Part(y, run, start, end), (e, f) => Math.Abs(e - f) < 1e-5);
            for (int c = 0; c < weight.Length; c++)
            {
                means[c] += (float)(mean[c] * (end - start));
                variances[c] += (float)(variance[c] * count / Math.Max(1, count - 1) * (end - start));
            }
        }
        Assert.Equal(means, run.Gradient("running_mean"), (e, f) => Math.Abs(e - f) < 1e-4);
        Assert.Equal(variances, run.Gradient("running_var"), (e, f) => Math.Abs(e - f) < 1e-4);
    }

    /// <summary>∂(Σ r·y)/∂ everything against central differences of the float64 definition, leaf by leaf.</summary>
    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gradients_are_the_differences(int[] axes, int samples, int shards)
    {
        using var run = new LayerRun(new BatchNormSpec(0.1f, Epsilon), new Shape(axes), samples, threads: 2);
        (float[] x, double[] weight, double[] bias) = Fill(run, samples);
        float[] r = Minibatch.Numbers(new Random(3), x.Length);
        run.Forward(Phase.Training, x, shards);
        float[] dx = run.Backward(r);

        double[] data = [.. x.Select(v => (double)v)];
        double Loss()
        {
            double sum = 0;
            for (int leaf = 0; leaf < shards; leaf++)
            {
                (int start, int end) = SumTree.LeafSamples(leaf, shards, samples);
                double[] y = Normalized(run.Layer.Input, Part(data, run, start, end), weight, bias, out _, out _, out _);
                sum += y.Zip(Part(r, run, start, end), (a, b) => a * b).Sum();
            }
            return sum;
        }
        RequireDifferences(Loss, data, dx);
        RequireDifferences(Loss, weight, run.Gradient("weight"));
        RequireDifferences(Loss, bias, run.Gradient("bias"));
    }

    [Fact]
    public void A_mean_far_from_zero_costs_no_digits()
    {
        using var run = new LayerRun(new BatchNormSpec(0.1f, 1e-9f), new Shape(3), 64);
        float[] x = [.. Minibatch.Numbers(new Random(4), 192).Select(v => 1000 + (0.01f * v))];
        double[] expected = Normalized(run.Layer.Input, [.. x.Select(v => (double)v)], [1, 1, 1], [0, 0, 0], out _, out _, out _, 1e-9);
        Assert.Equal(expected, run.Forward(Phase.Training, x).Select(v => (double)v), (e, f) => Math.Abs(e - f) < 1e-5);
    }

    [Theory]
    [InlineData(Phase.Evaluation, false)]
    [InlineData(Phase.Prediction, false)]
    [InlineData(Phase.Training, true)]
    public void Outside_training_and_frozen_the_running_statistics_hold(Phase phase, bool frozen)
    {
        using var run = new LayerRun(new BatchNormSpec(0.1f, Epsilon) { Frozen = frozen }, new Shape(3, 4, 5), 7, threads: 2);
        (float[] x, double[] weight, double[] bias) = Fill(run, 7);
        float[] running = [0.5f, -0.25f, 1, 2, 0.3f, 0.7f];
        running[..3].CopyTo(OfParameter(run, "running_mean"));
        running[3..].CopyTo(OfParameter(run, "running_var"));
        float[] y = run.Forward(phase, x, 2);
        for (int i = 0; i < x.Length; i++)
        {
            int c = i / 20 % 3;
            Assert.Equal(((x[i] - running[c]) / Math.Sqrt(running[3 + c] + Epsilon) * weight[c]) + bias[c], y[i], 1e-5);
        }
        if (!frozen)
            return;
        float[] dx = run.Backward(x);
        for (int i = 0; i < x.Length; i++)
            Assert.Equal(x[i] * weight[i / 20 % 3] / Math.Sqrt(running[3 + (i / 20 % 3)] + Epsilon), dx[i], 1e-5);
        Assert.All(run.Gradient("running_mean"), g => Assert.True(float.IsNaN(g), "a frozen layer brings no statistics"));
    }

    [Fact]
    public void A_single_value_counts_with_its_biased_variance_and_an_empty_leaf_with_nothing()
    {
        using var run = new LayerRun(new BatchNormSpec(), new Shape(2), 3);
        float[] y = run.Forward(Phase.Training, [3, 4, 5, 6, 7, 8], shards: 8);
        Assert.Equal([0f, 0, 0, 0, 0, 0], y);
        Assert.Equal([15f, 18], run.Gradient("running_mean"));
        Assert.Equal([0f, 0], run.Gradient("running_var"));
        run.Samples = 0;
        Assert.Empty(run.Forward(Phase.Training, [], shards: 8));
        Assert.Empty(run.Backward([]));
        Assert.Equal([0f, 0], run.Gradient("running_mean"));
        Assert.Equal([0f, 0], run.Gradient("weight"));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Threads_and_cuts_of_the_tree_change_no_bit(int[] axes, int samples, int shards)
    {
        // Enough samples for the threads to share.
        samples *= 60;
        var results = new List<int[]>();
        foreach ((int threads, TreeNode[] nodes) in new (int, TreeNode[])[] { (1, [SumTree.Root(shards)]), (3, [SumTree.Root(shards)]), (2, [.. Enumerable.Range(0, shards).Select(leaf => new TreeNode(leaf, 1))]) })
        {
            using var run = new LayerRun(new BatchNormSpec(0.1f, Epsilon), new Shape(axes), samples, threads);
            (float[] x, _, _) = Fill(run, samples);
            var numbers = new List<float>(run.Forward(Phase.Training, x, shards, nodes));
            numbers.AddRange(run.Backward(x));
            foreach (string name in new[] { "weight", "bias", "running_mean", "running_var" })
            {
                float[][] parts = [.. nodes.Select((_, i) => run.Gradient(name, i))];
                numbers.AddRange(Trainer.Add(SumTree.Root(shards), nodes, parts, [.. nodes.Select(_ => Array.Empty<double>())]).Gradient);
            }
            results.Add([.. numbers.Select(BitConverter.SingleToInt32Bits)]);
        }
        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    [Fact]
    public void Padded_sequences_are_refused_in_training()
    {
        using var run = new LayerRun(new BatchNormSpec(), new Shape(3, 2), 2);
        using var mask = new FloatBuffer(6);
        run.InputMask = mask.Pointer;
        Assert.Contains("0 (batchNorm)", Assert.Throws<ShapeException>(() => run.Forward(Phase.Training, new float[12])).Message);
        run.Forward(Phase.Evaluation, new float[12]);
    }

    [Fact]
    public void Wrong_shapes_and_numbers_are_refused()
    {
        Assert.Throws<ShapeException>(() => Network.Build([new BatchNormSpec()], new Shape(1, 2, 3, 4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Network.Build([new BatchNormSpec(Epsilon: 0)], new Shape(4)));
        Assert.Throws<ArgumentOutOfRangeException>(() => Network.Build([new BatchNormSpec(Momentum: 1.5f)], new Shape(4)));
    }

    [Fact]
    public void Sums_of_planes_and_rows_are_those_of_a_loop()
    {
        var random = new Random(8);
        for (int count = 0; count < 70; count++)
        {
            float[] x = Minibatch.Numbers(random, count + 1), dy = Minibatch.Numbers(random, count + 1);
            double[] means = [.. Enumerable.Repeat(0.25, count + 1)], sums = new double[count + 1], squares = new double[count + 1], products = new double[count + 1];
            fixed (float* px = x, pd = dy)
            fixed (double* m = means, s = sums, q = squares, p = products)
            {
                Assert.Equal(x[..count].Sum(v => (double)v), PlaneMoments.Sum(px, count), 1e-12);
                Assert.Equal(x[..count].Sum(v => (v - 0.25) * (v - 0.25)), PlaneMoments.SquaredDistances(px, count, 0.25), 1e-12);
                Assert.Equal(x[..count].Zip(dy, (v, d) => d * (v - 0.25)).Sum(), PlaneMoments.Products(pd, px, count, 0.25), 1e-12);
                RowMoments.Sum(px, s, count);
                RowMoments.SquaredDistances(px, m, q, count);
                RowMoments.Products(pd, px, m, p, count);
            }
            for (int i = 0; i < count; i++)
            {
                Assert.Equal(x[i], sums[i]);
                Assert.Equal((x[i] - 0.25) * (x[i] - 0.25), squares[i], 1e-15);
                Assert.Equal(dy[i] * (x[i] - 0.25), products[i], 1e-15);
            }
            Assert.Equal(0, sums[count] + squares[count] + products[count]);
        }
    }

    private static (float[] X, double[] Weight, double[] Bias) Fill(LayerRun run, int samples)
    {
        var random = new Random(samples);
        Span<float> weight = OfParameter(run, "weight"), bias = OfParameter(run, "bias");
        Minibatch.Numbers(random, weight.Length).CopyTo(weight);
        Minibatch.Numbers(random, bias.Length).CopyTo(bias);
        return (Minibatch.Numbers(random, samples * run.Layer.Input.Length), [.. weight.ToArray().Select(w => (double)w)], [.. bias.ToArray().Select(b => (double)b)]);
    }

    private static Span<float> OfParameter(LayerRun run, string name) =>
        run.Parameters.Slice(run.Network.Layout[$"0.{name}"].Offset, (int)run.Network.Layout[$"0.{name}"].Length);

    private static double[] Part(float[] numbers, LayerRun run, int start, int end) => Part([.. numbers.Select(v => (double)v)], run, start, end);

    private static double[] Part(double[] numbers, LayerRun run, int start, int end) => numbers[(start * run.Layer.Input.Length)..(end * run.Layer.Input.Length)];

    private static double[] Normalized(
        Shape shape, double[] x, double[] weight, double[] bias, out double[] mean, out double[] variance, out int count, double epsilon = Epsilon)
    {
        int channels = weight.Length;
        int plane = shape.Rank == 3 ? shape[1] * shape[2] : 1;
        int ChannelOf(int i) => i / plane % channels;
        count = x.Length / channels;
        (mean, variance) = (new double[channels], new double[channels]);
        double[] y = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
            mean[ChannelOf(i)] += x[i] / count;
        for (int i = 0; i < x.Length; i++)
            variance[ChannelOf(i)] += (x[i] - mean[ChannelOf(i)]) * (x[i] - mean[ChannelOf(i)]) / count;
        for (int i = 0; i < x.Length; i++)
            y[i] = ((x[i] - mean[ChannelOf(i)]) / Math.Sqrt(variance[ChannelOf(i)] + epsilon) * weight[ChannelOf(i)]) + bias[ChannelOf(i)];
        return y;
    }

    private static void RequireDifferences(Func<double> loss, double[] variables, float[] gradient)
    {
        for (int i = 0; i < variables.Length; i++)
        {
            double kept = variables[i];
            variables[i] = kept + 1e-5;
            double above = loss();
            variables[i] = kept - 1e-5;
            double difference = (above - loss()) / 2e-5;
            variables[i] = kept;
            // The float64 differences are good to 1e-8 here; the rest is float32 of numbers up to about 10.
            Assert.Equal(difference, gradient[i], 1e-5 * Math.Max(1, Math.Abs(difference)));
        }
    }
}
