using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Format;

namespace Lockstep.Jobs.Mapping;

/// <summary>What a resolved job means for the engine.</summary>
public static class JobSpecifications
{
    public static IReadOnlyList<LayerSpec> LayerSpecs(this Job job) => [.. job.Model.Select(Layer)];

    public static LossSpec LossSpec(this Job job) => job.Training.Loss switch
    {
        SoftmaxCrossEntropyLoss loss => new LossSpec(LossKind.SoftmaxCrossEntropy, loss.Reduction),
        L2Loss loss => new LossSpec(LossKind.L2, loss.Reduction),
        var other => throw Unmapped(other),
    };

    /// <summary>What evaluation reports; empty where there is no validation part.</summary>
    public static IReadOnlyList<MetricKind> MetricKinds(this Job job) => [.. (job.Evaluation?.Metrics ?? []).Select(Kind)];

    public static MetricKind Kind(this Metric metric) => metric switch
    {
        Metric.Accuracy => MetricKind.Accuracy,
        Metric.ZeroOne => MetricKind.ZeroOne,
        Metric.Mse => MetricKind.MeanSquaredError,
        Metric.Mae => MetricKind.MeanAbsoluteError,
        Metric.Loss => MetricKind.Loss,
        _ => throw Unmapped(metric),
    };

    /// <summary>All that the update rule must know.</summary>
    /// <param name="job">Resolved.</param>
    /// <param name="stepsPerEpoch">See <see cref="JobLength.StepsPerEpoch"/>: schedules by epochs become schedules by steps.</param>
    public static UpdateSpec UpdateSpec(this Job job, long stepsPerEpoch) => new(
        Optimizer(job.Training.Optimizer),
        job.Training.Clip switch
        {
            null => null,
            GlobalNormLimit clip => new GlobalNormClip((float)clip.Limit),
            ValueLimit clip => new ValueClip((float)clip.Limit),
            var other => throw Unmapped(other),
        },
        job.Training.Regularization is { } penalty ? new RegularizationSpec((float)penalty.L2, (float)penalty.L1, penalty.Biases) : null,
        job.Training.Schedule switch
        {
            null => null,
            StepDecay decay => new StepSchedule(decay.EverySteps ?? checked(decay.EveryEpochs!.Value * stepsPerEpoch), decay.Factor),
            var other => throw Unmapped(other),
        },
        job.Training.Loss.Reduction);

    private static LayerSpec Layer(Layer layer) => layer switch
    {
        DenseLayer dense => new DenseSpec(dense.Units, dense.Bias)
        {
            Name = dense.Name,
            Initializer = Start(dense.Initializer),
            BiasInitializer = Start(dense.BiasInitializer),
            Frozen = dense.Frozen,
            LearningRateFactor = (float)dense.LearningRateFactor,
        },
        ActivationLayer activation => new ActivationSpec(activation.Kind) { Name = activation.Name },
        FlattenLayer flatten => new FlattenSpec { Name = flatten.Name },
        _ => throw Unmapped(layer),
    };

    private static InitializerSpec? Start(Initializer? initializer) => initializer switch
    {
        null => null,
        GaussianStart gaussian => new GaussianInitializer((float)gaussian.StandardDeviation),
        XavierStart => new XavierInitializer(),
        HeStart => new HeInitializer(),
        UniformStart uniform => new UniformInitializer((float)uniform.Bound),
        ZerosStart => new ConstantInitializer(0),
        ConstantStart constant => new ConstantInitializer((float)constant.Number),
        _ => throw Unmapped(initializer),
    };

    private static OptimizerSpec Optimizer(Optimizer optimizer) => optimizer switch
    {
        SgdOptimizer sgd => new SgdSpec((float)sgd.Momentum, sgd.Nesterov) { LearningRate = sgd.LearningRate, WeightDecay = (float)sgd.WeightDecay },
        _ => throw Unmapped(optimizer),
    };

    private static InvalidOperationException Unmapped(object part) => new($"The engine has nothing for {part}");
}
