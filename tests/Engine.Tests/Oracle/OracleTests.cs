using Lockstep.Engine.Memory;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Tests.Models;
using Lockstep.Engine.Trees;

namespace Lockstep.Engine.Tests.Oracle;

public sealed class OracleTests
{
    public static TheoryData<string, int> Cases()
    {
        string[] names =
        [
            "linear", "linear_no_bias_sum", "sigmoid", "tanh", "relu", "mlp",
            "loss_l2_sum", "loss_softmax_cross_entropy", "loss_softmax_cross_entropy_sum",
            "sgd", "momentum", "nesterov", "weight_decay",
            "penalty_l1", "penalty_l2", "penalty_both_with_bias",
            "clip_norm", "clip_norm_not_reached", "clip_value",
            "schedule_step", "schedule_step_momentum",
            "softmax", "leaky_relu",
            "loss_l1_mean", "loss_l1_sum", "loss_hinge", "loss_svm", "loss_binary_cross_entropy", "loss_sigmoid_cross_entropy",
            "adagrad", "rmsprop", "adam", "adam_weight_decay", "max_norm",
            "conv2d", "conv2d_one_pixel", "conv2d_stride_pad", "conv2d_dilation", "conv2d_groups", "conv2d_depthwise", "conv2d_wide_kernel",
            "conv2d_transposed", "conv2d_transposed_stride", "local2d", "local2d_stride_pad", "conv1d", "time_delay",
            "max_pool_pad_negative", "lrn_strong", "lenet_small",
            "schedule_exponential", "schedule_cosine", "schedule_warm_up", "schedule_warm_up_cosine",
        ];
        var cases = new TheoryData<string, int>();
        foreach (string name in names)
        {
            foreach (int shards in new[] { 1, 2, 8 })
                cases.Add(name, shards);
        }
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public unsafe void A_training_agrees_with_PyTorch(string name, int shards)
    {
        using var oracle = new OracleCase(name);
        using Minibatch minibatch = oracle.Minibatch();
        using var trainer = new Trainer(oracle.BuildNetwork(), oracle.Loss, oracle.Update, minibatch.Samples);
        using var inputGradient = new FloatBuffer(minibatch.Samples * minibatch.InputLength);
        ParameterLayout layout = trainer.Network.Layout;
        foreach (ParameterView parameter in layout.Parameters)
            oracle.Floats($"w0.{parameter.Name}").CopyTo(trainer.OfParameter(trainer.Parameters, parameter.Name));
        RequireClose(oracle.Batch("out"), trainer.Predict(minibatch), "out");

        TreeNode[] nodes = [.. Enumerable.Range(0, shards).Select(leaf => new TreeNode(leaf, 1))];
        float[] losses = oracle.Floats("losses");
        float[] rates = oracle.Floats("rates");
        float[] found = new float[losses.Length];
        for (int step = 0; step < losses.Length; step++)
        {
            float[] gradient = trainer.Train(minibatch, shards, nodes, inputGradient);
            (double loss, ClipDecision clip) = trainer.Prepare(gradient);
            found[step] = (float)loss;
            Assert.Equal(rates[step], (float)trainer.Rule.LearningRate(step));
            if (step == 0)
            {
                RequireClose(oracle.Floats("loss"), [(float)loss], "loss");
                RequireParametersClose(oracle, trainer, trainer.Gradient, "grad");
                long divisor = trainer.Replica.Sums.Divisor(trainer.Sums);
                RequireClose(oracle.Batch("grad_in.x"), [.. inputGradient.Span.ToArray().Select(g => g / divisor)], "grad_in.x");
            }
            Assert.True(trainer.Update(clip, step));
            if (step == 0 && oracle.Has($"clipped.{layout.Parameters[0].Name}"))
                RequireParametersClose(oracle, trainer, trainer.Gradient, "clipped");
        }
        RequireClose(losses, found, "losses");
        RequireParametersClose(oracle, trainer, trainer.Parameters, "wk");
    }

    [Theory]
    [InlineData("max_pool")]
    [InlineData("max_pool_overlapping_ties")]
    [InlineData("avg_pool")]
    [InlineData("avg_pool_pad_counted")]
    [InlineData("avg_pool_pad_not_counted")]
    [InlineData("lrn")]
    public void A_network_without_weights_agrees_with_PyTorch(string name)
    {
        using var oracle = new OracleCase(name);
        using Minibatch minibatch = oracle.Minibatch();
        using var trainer = new Trainer(oracle.BuildNetwork(), oracle.Loss, oracle.Update, minibatch.Samples);
        using var inputGradient = new FloatBuffer(minibatch.Samples * minibatch.InputLength);
        RequireClose(oracle.Floats("out"), trainer.Predict(minibatch), "out");
        trainer.Train(minibatch, 2, [new TreeNode(0, 1), new TreeNode(1, 1)], inputGradient);
        RequireClose(oracle.Floats("loss"), [(float)trainer.Replica.Sums.LossValue(trainer.Sums)], "loss");
        long divisor = trainer.Replica.Sums.Divisor(trainer.Sums);
        RequireClose(oracle.Floats("grad_in.x"), [.. inputGradient.Span.ToArray().Select(g => g / divisor)], "grad_in.x");
    }

    [Fact]
    public void The_zero_one_loss_agrees_with_PyTorch()
    {
        using var oracle = new OracleCase("loss_zero_one");
        using Minibatch minibatch = oracle.Minibatch();
        using var trainer = new Trainer(oracle.BuildNetwork(), oracle.Loss, oracle.Update, minibatch.Samples, 1, MetricKind.ZeroOne);
        foreach (ParameterView parameter in trainer.Network.Layout.Parameters)
            oracle.Floats($"w0.{parameter.Name}").CopyTo(trainer.OfParameter(trainer.Parameters, parameter.Name));
        RequireClose(oracle.Floats("out"), trainer.Predict(minibatch), "out");
        trainer.Train(minibatch, 2, [SumTree.Root(2)]);
        Assert.Equal(oracle.Floats("loss")[0], (float)trainer.Replica.Sums.MetricValues(trainer.Sums).Single(value => value.Name == "zeroOne").Value);
    }

    private static void RequireParametersClose(OracleCase oracle, Trainer trainer, FloatBuffer found, string prefix)
    {
        foreach (ParameterView parameter in trainer.Network.Layout.Parameters)
            RequireClose(oracle.Floats($"{prefix}.{parameter.Name}"), trainer.OfParameter(found, parameter.Name).ToArray(), $"{prefix}.{parameter.Name}");
    }

    internal static void RequireClose(float[] expected, float[] found, string what)
    {
        Assert.Equal(expected.Length, found.Length);
        double difference = Math.Sqrt(expected.Zip(found, (a, b) => ((double)a - b) * ((double)a - b)).Sum());
        double allowed = (1e-5 * Math.Sqrt(expected.Sum(a => (double)a * a))) + (1e-7 * Math.Sqrt(expected.Length));
        Assert.True(difference <= allowed, $"{what} is {difference:g3} away, {allowed:g3} is allowed");
    }
}
