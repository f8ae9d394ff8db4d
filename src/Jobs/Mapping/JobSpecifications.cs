using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Format;

namespace Lockstep.Jobs.Mapping;

/// <summary>What a resolved job means for the engine.</summary>
public static class JobSpecifications
{
    /// <summary>The layers; between those of an encoder and a decoder stands the bridge.</summary>
    /// <param name="job">Resolved.</param>
    /// <param name="decoderInput">Shape of what a decoder reads, tokens [U] or values [U, D]; null where there is none.</param>
    public static IReadOnlyList<LayerSpec> LayerSpecs(this Job job, Shape? decoderInput = null) => job.Model switch
    {
        EncoderDecoder model =>
        [
            .. model.EncoderLayers.Select(Placed),
            new BridgeSpec(decoderInput ?? throw new ArgumentNullException(nameof(decoderInput), "A decoder reads something."), model.TeacherForcing) { Name = EncoderDecoder.Bridge },
            .. model.DecoderLayers.Select(Placed),
        ],
        _ => [.. job.Model.Layers.Select(placed => Layer(placed.Layer))],
    };

    public static LossSpec LossSpec(this Job job) => job.Training.Loss.Specification();

    public static LossSpec Specification(this Loss loss) => new(
        loss switch
        {
            SoftmaxCrossEntropyLoss => LossKind.SoftmaxCrossEntropy,
            BinaryCrossEntropyLoss { OnProbabilities: true } => LossKind.BinaryCrossEntropyOnProbabilities,
            BinaryCrossEntropyLoss => LossKind.BinaryCrossEntropy,
            L1Loss => LossKind.L1,
            L2Loss => LossKind.L2,
            HingeLoss => LossKind.Hinge,
            MulticlassHingeLoss => LossKind.MulticlassHinge,
            PerceptronLoss => LossKind.Perceptron,
            _ => throw Unmapped(loss),
        },
        loss.Reduction);

    /// <summary>What evaluation reports; empty where there is no validation part.</summary>
    public static IReadOnlyList<MetricKind> MetricKinds(this Job job) => [.. (job.Evaluation?.Metrics ?? []).Select(Kind)];

    public static MetricKind Kind(this Metric metric) => metric switch
    {
        Metric.Accuracy => MetricKind.Accuracy,
        Metric.ZeroOne => MetricKind.ZeroOne,
        Metric.Mse => MetricKind.MeanSquaredError,
        Metric.Mae => MetricKind.MeanAbsoluteError,
        Metric.Loss => MetricKind.Loss,
        Metric.Top5 => MetricKind.TopFive,
        Metric.Perplexity => MetricKind.Perplexity,
        Metric.BitsPerCharacter => MetricKind.BitsPerCharacter,
        Metric.ExactMatch => MetricKind.ExactMatch,
        _ => throw Unmapped(metric),
    };

    /// <summary>All that the update rule must know.</summary>
    /// <param name="job">Resolved.</param>
    /// <param name="stepsPerEpoch">Steps of an epoch: schedules by epochs become schedules by steps.</param>
    public static UpdateSpec UpdateSpec(this Job job, long stepsPerEpoch) => new(
        Optimizer(job.Training.Optimizer),
        job.Training.Clip switch
        {
            null => null,
            GlobalNormLimit clip => new GlobalNormClip((float)clip.Limit),
            ValueLimit clip => new ValueClip((float)clip.Limit),
            var other => throw Unmapped(other),
        },
        job.Training.Regularization is { } penalty ? new RegularizationSpec((float)penalty.L2, (float)penalty.L1, penalty.Biases, (float)(penalty.MaxNorm ?? 0)) : null,
        Schedule(job.Training.Schedule, stepsPerEpoch),
        job.Training.Loss.Reduction);

    private static LayerSpec Placed(PlacedLayer placed) => Layer(placed.Layer) with { Name = placed.Name };

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
        PerceptronLayer perceptron => new PerceptronSpec(perceptron.Units)
        {
            Name = perceptron.Name,
            Initializer = Start(perceptron.Initializer),
            BiasInitializer = Start(perceptron.BiasInitializer),
            Frozen = perceptron.Frozen,
            LearningRateFactor = (float)perceptron.LearningRateFactor,
        },
        LeakyReluLayer leaky => new LeakyReluSpec((float)leaky.Slope) { Name = leaky.Name },
        SoftmaxLayer softmax => new SoftmaxSpec { Name = softmax.Name },
        ActivationLayer activation => new ActivationSpec(activation.Kind) { Name = activation.Name },
        FlattenLayer flatten => new FlattenSpec { Name = flatten.Name },
        DropoutLayer dropout => NormalizationSpecifications.Of(dropout),
        BatchNormLayer norm => NormalizationSpecifications.Of(norm),
        _ => ConvolutionSpecifications.Of(layer) ?? SequenceLayerSpecifications.Of(layer, Start) ?? throw Unmapped(layer),
    };

    internal static InitializerSpec? Start(Initializer? initializer) => initializer switch
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
        AdagradOptimizer adagrad => new AdagradSpec((float)adagrad.Eps) { LearningRate = adagrad.LearningRate, WeightDecay = (float)adagrad.WeightDecay },
        RmspropOptimizer rmsprop => new RmsPropSpec(rmsprop.Alpha, (float)rmsprop.Eps) { LearningRate = rmsprop.LearningRate, WeightDecay = (float)rmsprop.WeightDecay },
        AdamOptimizer adam => new AdamSpec(adam.Betas[0], adam.Betas[1], (float)adam.Eps) { LearningRate = adam.LearningRate, WeightDecay = (float)adam.WeightDecay },
        _ => throw Unmapped(optimizer),
    };

    private static ScheduleSpec? Schedule(Schedule? schedule, long stepsPerEpoch) => schedule switch
    {
        null => null,
        StepDecay step => new StepSchedule(Steps(step.EverySteps, step.EveryEpochs, stepsPerEpoch), step.Factor) { WarmUpSteps = step.WarmUpSteps },
        ExponentialDecay exponential => new ExponentialSchedule(Steps(exponential.EverySteps, exponential.EveryEpochs, stepsPerEpoch), exponential.Factor) { WarmUpSteps = exponential.WarmUpSteps },
        CosineDecay cosine => new CosineSchedule(cosine.To, cosine.OverSteps) { WarmUpSteps = cosine.WarmUpSteps },
        InverseDecay inverse => new InverseSchedule(inverse.Rate) { WarmUpSteps = inverse.WarmUpSteps },
        _ => throw Unmapped(schedule),
    };

    private static long Steps(long? steps, int? epochs, long stepsPerEpoch) => steps ?? checked(epochs!.Value * stepsPerEpoch);

    private static InvalidOperationException Unmapped(object part) => new($"The engine has nothing for {part}");
}
