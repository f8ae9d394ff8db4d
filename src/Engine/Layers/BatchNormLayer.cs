using Lockstep.Engine.Models;
using Lockstep.Engine.Parameters;
using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Layers;

/// <summary>
/// y = (x − μ)/√(σ² + ε)·weight + bias by channel (Ioffe and Szegedy 2015): of images [C, H, W] over samples and positions, of features [C] over samples, of
/// sequences [T, C] over samples and steps.
/// </summary>
/// <remarks>
/// In training μ and σ² (biased) are those of a leaf's samples, and the gradient goes through them: with x̂ = (x − μ)/√(σ² + ε) and M numbers a channel,
/// ∂L/∂x = weight/√(σ² + ε)·(∂L/∂y − Σ ∂L/∂y/M − x̂·Σ ∂L/∂y·x̂/M). Each leaf brings its mean and its unbiased variance (that of a single number is 0), times its samples, to
/// the running ones, which take their place in evaluation, in prediction, and where the layer is frozen. Sums are float64, in the order of samples, then positions.
/// </remarks>
public sealed unsafe class BatchNormLayer : Layer
{
    private readonly BatchNormSpec _spec;

    /// <param name="index">Place in the network from 0.</param>
    /// <param name="spec">Momentum, ε and how weight and bias start: at 1 and 0 unless it says otherwise.</param>
    /// <param name="input">[C], [T, C] or [C, H, W].</param>
    /// <exception cref="ShapeException">The input has other axes.</exception>
    public BatchNormLayer(int index, BatchNormSpec spec, Shape input)
        : base(index, spec.Name, "batchNorm", input, input)
    {
        if (input.Rank is < 1 or > 3)
            throw new ShapeException(ToString(), "number of axes", "1, 2 of a sequence, or 3 of an image", $"{input.Rank} ({input})", "Put a flatten layer before it.");
        if (!(spec.Momentum is >= 0 and <= 1) || !(spec.Epsilon > 0))
            throw new ArgumentOutOfRangeException(nameof(spec), spec, $"Layer {ToString()}: the momentum is from 0 to 1, and epsilon above 0.");
        _spec = spec;
        Channels = input.Rank == 3 ? input[0] : input[input.Rank - 1];
        Parameters =
        [
            new ParameterDefinition("weight", [Channels], false, spec.Initializer ?? new ConstantInitializer(1), 1, 1),
            new ParameterDefinition("bias", [Channels], true, spec.BiasInitializer ?? new ConstantInitializer(0), 1, 1),
            ParameterDefinition.RunningStatistic("running_mean", Channels, 0, spec.Momentum),
            ParameterDefinition.RunningStatistic("running_var", Channels, 1, spec.Momentum),
        ];
    }

    public override IReadOnlyList<ParameterDefinition> Parameters { get; }

    public override bool KeepsSteps => true;

    public override bool KeepsOutput => false;

    public override bool Frozen => _spec.Frozen;

    public override float LearningRateFactor => _spec.LearningRateFactor;

    /// <summary>C.</summary>
    internal int Channels { get; }

    /// <summary>ε.</summary>
    internal float Epsilon => _spec.Epsilon;

    /// <summary>Whether a channel's numbers of one sample lie side by side; else the channels do.</summary>
    internal bool HasPlanes => Input.Rank == 3;

    public override LayerContext CreateContext(IReadOnlyList<ParameterView> parameters, int maximumSamples) => new BatchNormContext(parameters, Channels);

    public override void Forward(Pass pass, LayerContext context, float* input, float* output)
    {
        var norm = (BatchNormContext)context;
        bool trains = pass.Phase == Phase.Training && !Frozen;
        if (trains && pass.InputMask is not null && FollowsInput)
            throw new ShapeException(ToString(), "steps", "sequences of one length", "padded ones, and padding would count in its statistics", "Give sequences of one length, or leave this layer out.");
        if (trains)
            norm.BeginLeaves(pass);
        else
            norm.BeginGiven(pass, Epsilon);
        var job = new BatchNormJob(this, pass, norm) { Input = input, Output = output };
        job.Run(pass);
        if (trains)
            norm.AddLeaves(pass, norm.RunningMean, norm.RunningVariance);
    }

    public override void Backward(
        Pass pass, LayerContext context, float* input, float* output, float* outputGradient, float* inputGradient)
    {
        var norm = (BatchNormContext)context;
        if (Frozen && inputGradient is null)
            return;
        var job = new BatchNormJob(this, pass, norm) { Input = input, OutputGradient = outputGradient, InputGradient = inputGradient };
        job.Run(pass);
        if (!Frozen)
            norm.AddLeaves(pass, norm.Weight, norm.Bias);
    }
}
