using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Mapping;
using static Lockstep.Jobs.Tests.JobTexts;

namespace Lockstep.Jobs.Tests;

public sealed class MappingTests
{
    [Fact]
    public void Layers_become_those_of_the_engine()
    {
        Job job = Parse(With("  - dense: { units: 10 }", """
              - dense: { units: 9, name: a, initializer: xavier, biasInitializer: { constant: 1/3 }, frozen: true, learningRateFactor: 0.1 }
              - relu: { name: r }
              - dense: { units: 8, bias: false, initializer: { gaussian: 0.01 } }
              - sigmoid
              - dense: { units: 7, initializer: he, biasInitializer: zeros }
              - tanh
              - dense: { units: 6, initializer: { uniform: 0.08 } }
              - identity
            """));
        Assert.Equal(
            [
                new FlattenSpec(),
                new DenseSpec(9) { Name = "a", Initializer = new XavierInitializer(), BiasInitializer = new ConstantInitializer(1f / 3), Frozen = true, LearningRateFactor = 0.1f },
                new ActivationSpec(ActivationKind.Relu) { Name = "r" },
                new DenseSpec(8, Bias: false) { Initializer = new GaussianInitializer(0.01f) },
                new ActivationSpec(ActivationKind.Sigmoid),
                new DenseSpec(7) { Initializer = new HeInitializer(), BiasInitializer = new ConstantInitializer(0) },
                new ActivationSpec(ActivationKind.Tanh),
                new DenseSpec(6) { Initializer = new UniformInitializer(0.08f) },
                new ActivationSpec(ActivationKind.Identity),
            ],
            job.LayerSpecs());
    }

    [Fact]
    public void Layers_for_images_and_signals_become_those_of_the_engine()
    {
        Job job = Parse(With("  - dense: { units: 10 }", """
              - conv2d: { filters: 6, kernel: 5 }
              - conv2d: { filters: 8, kernel: [3, 2], stride: [2, 1], padding: [1, 0], dilation: 2, groups: 2, bias: false, name: c, initializer: he, frozen: true }
              - locallyConnected2d: { filters: 4, kernel: 3, stride: 2, padding: 1, biasInitializer: zeros }
              - transposedConv2d: { filters: 4, kernel: 4, stride: 2, padding: 1, outputPadding: [1, 0], dilation: 1, groups: 2 }
              - timeDelay: { filters: 3, delays: 5, stride: 2, dilation: 3, padding: 1 }
              - maxPool2d: { kernel: 3, stride: 2, padding: 1, name: p }
              - maxPool2d: { kernel: [2, 3] }
              - averagePool2d: { kernel: 2, countPadding: false }
              - localResponseNorm
              - localResponseNorm: { size: 3, k: 1, alpha: 0.5, beta: 0.5 }
            """));
        Assert.Equal(
            [
                new FlattenSpec(),
                new Conv2dSpec(6, 5),
                new Conv2dSpec(8, new Extent2d(3, 2), Bias: false) { Stride = new Extent2d(2, 1), Padding = new Extent2d(1, 0), Dilation = 2, Groups = 2, Name = "c", Initializer = new HeInitializer(), Frozen = true },
                new LocallyConnected2dSpec(4, 3) { Stride = 2, Padding = 1, BiasInitializer = new ConstantInitializer(0) },
                new TransposedConv2dSpec(4, 4) { Stride = 2, Padding = 1, OutputPadding = new Extent2d(1, 0), Groups = 2 },
                new TimeDelaySpec(3, 5) { Stride = 2, Dilation = 3, Padding = 1 },
                new MaxPool2dSpec(3) { Stride = 2, Padding = 1, Name = "p" },
                new MaxPool2dSpec(new Extent2d(2, 3)) { Stride = new Extent2d(2, 3) },
                new AveragePool2dSpec(2) { Stride = 2, CountPadding = false },
                new LocalResponseNormSpec(),
                new LocalResponseNormSpec { Size = 3, K = 1, Alpha = 0.5f, Beta = 0.5f },
            ],
            job.LayerSpecs());
    }

    [Fact]
    public void Dropout_and_batch_normalization_become_those_of_the_engine()
    {
        Job job = Parse(With("  - dense: { units: 10 }", """
              - dropout: { rate: 0.25 }
              - dropout: { rate: 0, inverted: false, name: d }
              - batchNorm
              - batchNorm: { momentum: 0.3, epsilon: 1e-3, initializer: { constant: 2 }, biasInitializer: zeros, frozen: true, learningRateFactor: 0.5, name: n }
            """));
        Assert.Equal(
            [
                new FlattenSpec(),
                new DropoutSpec(0.25f),
                new DropoutSpec(0, Inverted: false) { Name = "d" },
                new BatchNormSpec(),
                new BatchNormSpec(0.3f, 1e-3f) { Name = "n", Initializer = new ConstantInitializer(2), BiasInitializer = new ConstantInitializer(0), Frozen = true, LearningRateFactor = 0.5f },
            ],
            job.LayerSpecs());
    }

    [Fact]
    public void A_plain_update_is_plain() => Assert.Equal(
        new UpdateSpec(new SgdSpec { LearningRate = 0.1 }),
        Parse(Minimal).UpdateSpec(stepsPerEpoch: 45));

    [Fact]
    public void All_of_the_update_reaches_the_engine()
    {
        Job job = Parse("""
            data: { dataset: digits }
            model: [relu]
            training:
              loss: { l2: { reduction: sum } }
              epochs: 3
              batch: 32
              optimizer: { sgd: { learningRate: 0.1, momentum: 0.9, nesterov: true, weightDecay: 1e-4 } }
              schedule: { step: { everyEpochs: 2, factor: 0.5 } }
              clip: { globalNorm: 5 }
              regularization: { l1: 0.1, l2: 0.2, biases: true }
            """);
        Assert.Equal(
            new UpdateSpec(
                new SgdSpec(0.9f, Nesterov: true) { LearningRate = 0.1, WeightDecay = 1e-4f },
                new GlobalNormClip(5),
                new RegularizationSpec(0.2f, 0.1f, Biases: true),
                new StepSchedule(90, 0.5),
                LossReduction.Sum),
            job.UpdateSpec(stepsPerEpoch: 45));
        Assert.Equal(new LossSpec(LossKind.L2, LossReduction.Sum), job.LossSpec());
        Assert.Equal([MetricKind.MeanSquaredError], job.MetricKinds());
    }

    [Fact]
    public void The_layers_without_parameters_of_their_own_kind_become_those_of_the_engine() => Assert.Equal(
        [
            new FlattenSpec(), new LeakyReluSpec(), new LeakyReluSpec(0.25f) { Name = "leaky" }, new SoftmaxSpec(),
            new PerceptronSpec { Initializer = new ConstantInitializer(0), BiasInitializer = new ConstantInitializer(0), LearningRateFactor = 0.5f },
        ],
        Parse(With("- dense: { units: 10 }", """
            - leakyRelu
              - leakyRelu: { slope: 1/4, name: leaky }
              - softmax
              - perceptron: { initializer: zeros, biasInitializer: zeros, learningRateFactor: 0.5 }
            """).Replace("softmaxCrossEntropy", "perceptron", StringComparison.Ordinal)).LayerSpecs());

    [Theory]
    [InlineData("l1", LossKind.L1)]
    [InlineData("l2", LossKind.L2)]
    [InlineData("hinge", LossKind.Hinge)]
    [InlineData("multiclassHinge", LossKind.MulticlassHinge)]
    [InlineData("perceptron", LossKind.Perceptron)]
    [InlineData("softmaxCrossEntropy", LossKind.SoftmaxCrossEntropy)]
    [InlineData("binaryCrossEntropy", LossKind.BinaryCrossEntropy)]
    public void Every_loss_reaches_the_engine(string name, LossKind kind)
    {
        Assert.Equal(new LossSpec(kind), Parse(With("softmaxCrossEntropy", name)).LossSpec());
        Assert.Equal(new LossSpec(kind, LossReduction.Sum), Parse(With("softmaxCrossEntropy", $"{{ {name}: {{ reduction: sum }} }}")).LossSpec());
    }

    [Fact]
    public void Binary_cross_entropy_on_probabilities_is_another_loss() => Assert.Equal(
        new LossSpec(LossKind.BinaryCrossEntropyOnProbabilities),
        Parse(With("softmaxCrossEntropy", "{ binaryCrossEntropy: { onProbabilities: true } }")).LossSpec());

    [Fact]
    public void Every_optimizer_reaches_the_engine_with_PyTorchs_defaults()
    {
        OptimizerSpec Of(string text) => Parse(With("{ sgd: { learningRate: 0.1 } }", text)).UpdateSpec(1).Optimizer;
        Assert.Equal(new AdagradSpec(1e-10f) { LearningRate = 0.01 }, Of("adagrad"));
        Assert.Equal(new RmsPropSpec(0.99, 1e-8f) { LearningRate = 0.01 }, Of("rmsprop"));
        Assert.Equal(new AdamSpec(0.9, 0.999, 1e-8f) { LearningRate = 0.001 }, Of("adam"));
        Assert.Equal(new AdagradSpec(1e-3f) { LearningRate = 0.5, WeightDecay = 0.25f }, Of("{ adagrad: { learningRate: 0.5, eps: 1e-3, weightDecay: 1/4 } }"));
        Assert.Equal(new RmsPropSpec(0.5, 1e-3f) { LearningRate = 0.5, WeightDecay = 0.25f }, Of("{ rmsprop: { learningRate: 0.5, alpha: 0.5, eps: 1e-3, weightDecay: 1/4 } }"));
        Assert.Equal(new AdamSpec(0.5, 0.75, 1e-3f) { LearningRate = 0.5, WeightDecay = 0.25f }, Of("{ adam: { learningRate: 0.5, betas: [0.5, 0.75], eps: 1e-3, weightDecay: 1/4 } }"));
    }

    [Theory]
    [InlineData("step: { everySteps: 7, factor: 0.5, warmUpSteps: 3 }")]
    [InlineData("exponential: { everyEpochs: 2, factor: 0.5, warmUpSteps: 3 }")]
    [InlineData("exponential: { everySteps: 7, factor: 0.5 }")]
    [InlineData("cosine: { to: 0.01, overSteps: 70, warmUpSteps: 3 }")]
    [InlineData("inverse: { rate: 0.1 }")]
    public void Every_schedule_reaches_the_engine(string text)
    {
        ScheduleSpec expected = text[0] switch
        {
            's' => new StepSchedule(7, 0.5) { WarmUpSteps = 3 },
            'e' when text.Contains("everyEpochs", StringComparison.Ordinal) => new ExponentialSchedule(90, 0.5) { WarmUpSteps = 3 },
            'e' => new ExponentialSchedule(7, 0.5),
            'c' => new CosineSchedule(0.01, 70) { WarmUpSteps = 3 },
            _ => new InverseSchedule(0.1),
        };
        Assert.Equal(expected, Parse(With("epochs: 2", $"epochs: 2\n  schedule: {{ {text} }}")).UpdateSpec(45).Schedule);
    }

    [Fact]
    public void A_bound_on_norms_reaches_the_engine() =>
        Assert.Equal(new RegularizationSpec(MaxNorm: 3), Parse(With("epochs: 2", "epochs: 2\n  regularization: { maxNorm: 3 }")).UpdateSpec(1).Regularization);

    [Fact]
    public void What_is_reported_by_default_follows_from_the_loss_and_the_targets()
    {
        Assert.Equal([MetricKind.MeanAbsoluteError], Parse(With("softmaxCrossEntropy", "l1")).MetricKinds());
        Assert.Equal([MetricKind.Accuracy], Parse(With("softmaxCrossEntropy", "hinge")).MetricKinds());
        Assert.Equal([MetricKind.Accuracy], Parse(With("softmaxCrossEntropy", "multiclassHinge")).MetricKinds());
        string table = With("dataset: digits", "csv: { path: a.csv, inputs: [x], targets: [y] }, validation: { fraction: 0.2 }");
        Assert.Equal([MetricKind.Loss], Parse(table.Replace("softmaxCrossEntropy", "hinge", StringComparison.Ordinal)).MetricKinds());
        Assert.Equal([MetricKind.Accuracy], Parse(table.Replace("softmaxCrossEntropy", "multiclassHinge", StringComparison.Ordinal)).MetricKinds());
    }

    [Fact]
    public void Schedules_by_steps_and_clips_by_value_reach_the_engine()
    {
        UpdateSpec update = Parse(With("epochs: 2", "epochs: 2\n  schedule: { step: { everySteps: 7, factor: 0.5 } }\n  clip: { value: 1/4 }")).UpdateSpec(1);
        Assert.Equal((new StepSchedule(7, 0.5), new ValueClip(0.25f)), (update.Schedule, update.Clip));
    }

    [Fact]
    public void Every_metric_reaches_the_engine()
    {
        Assert.Equal(
            [MetricKind.Loss, MetricKind.ZeroOne, MetricKind.Accuracy, MetricKind.TopFive, MetricKind.Perplexity, MetricKind.BitsPerCharacter],
            Parse(Minimal + "evaluation: { metrics: [loss, zeroOne, accuracy, top5, perplexity, bitsPerCharacter] }\n").MetricKinds());
        Assert.Equal(
            [MetricKind.MeanSquaredError, MetricKind.MeanAbsoluteError],
            Parse(With("softmaxCrossEntropy", "l2") + "evaluation: { metrics: [mse, mae] }\n").MetricKinds());
    }

    [Theory]
    [InlineData("keep", 1437, 45, 90)]
    [InlineData("keep", 1440, 45, 90)]
    [InlineData("drop", 1437, 44, 88)]
    [InlineData("drop", 31, 0, 0)]
    public void The_length_of_a_job_counts_its_last_minibatch_or_not(string lastBatch, int samples, long perEpoch, long total)
    {
        Job job = Parse(With("epochs: 2", $"epochs: 2\n  lastBatch: {lastBatch}"));
        Assert.Equal((perEpoch, total), (job.MinibatchesPerEpoch(samples), job.TotalSteps(job.MinibatchesPerEpoch(samples))));
        Assert.Equal(70, Parse(With("epochs: 2", "steps: 70")).TotalSteps(perEpoch));
    }

    [Fact]
    public void A_goal_of_accuracy_is_reached_from_below_and_one_of_errors_from_above()
    {
        Job job = Parse(Minimal + "evaluation: { metrics: [accuracy, zeroOne, loss, top5] }\ntarget: { accuracy: 0.9, zeroOne: 0.1, loss: 0.3, top5: 0.9 }\n");
        Assert.Equal(["Accuracy", "ZeroOne", "Loss", "Top5"], job.Target!.Goals.Select(goal => $"{goal.Metric}"));
        Assert.Equal([true, false, false, true], job.Target.Goals.Select(goal => goal.IsReachedBy(0.95)));
        Assert.Equal([false, true, true, false], job.Target.Goals.Select(goal => goal.IsReachedBy(0.05)));
        Assert.All(job.Target.Goals, goal => Assert.True(goal.IsReachedBy(goal.Bound)));
        Assert.All(job.Target.Goals, goal => Assert.False(goal.IsReachedBy(double.NaN)));
    }
}
