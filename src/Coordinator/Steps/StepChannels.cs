namespace Lockstep.Coordinator.Steps;

/// <summary>
/// The sums that a step consists of, numbered: first the blocks of the gradient, then the minibatch's own sums (loss,
/// counts, metrics), then those of each minibatch of the validation part where the step begins with an evaluation.
/// A step is decided when each of its channels covers every leaf exactly once.
/// </summary>
/// <param name="GradientBlocks">Blocks of the gradient.</param>
/// <param name="EvaluationMinibatches">Minibatches of the validation part.</param>
public readonly record struct StepChannels(int GradientBlocks, int EvaluationMinibatches)
{
    /// <summary>How many channels there are.</summary>
    public int Count => GradientBlocks + 1 + EvaluationMinibatches;

    /// <summary>The channel of the minibatch's loss, counts and metrics.</summary>
    public int TrainingSums => GradientBlocks;

    /// <summary>The channel of the sums over one minibatch of the validation part.</summary>
    public int EvaluationSums(int minibatch) => GradientBlocks + 1 + minibatch;

    /// <summary>Whether a channel carries a block of the gradient; the others carry sums in float64.</summary>
    public bool IsGradient(int channel) => channel < GradientBlocks;

    /// <summary>Whether a channel is part of a step that trains, evaluates, or does both.</summary>
    public bool IsPartOf(int channel, StepWork work) => channel switch
    {
        _ when channel < 0 || channel >= Count => false,
        _ when channel <= TrainingSums => work.HasFlag(StepWork.Train),
        _ => work.HasFlag(StepWork.Evaluate),
    };
}

/// <summary>What a step consists of.</summary>
[Flags]
public enum StepWork
{
    None = 0,

    /// <summary>A minibatch's gradient and an update.</summary>
    Train = 1,

    /// <summary>The validation part with the parameters that the step starts from.</summary>
    Evaluate = 2,
}
