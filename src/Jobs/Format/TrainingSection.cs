using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>How the model is trained.</summary>
[OneOf("epochs", "steps", Needed = true)]
public sealed record TrainingSection
{
    [Key("What is minimized.")]
    public required Loss Loss { get; init; }

    [Key("How often every sample is seen."), Limits(AtLeast = 1)]
    public int? Epochs { get; init; }

    [Key("How many updates."), Limits(AtLeast = 1)]
    public long? Steps { get; init; }

    [Key("Samples a step."), Limits(AtLeast = 1, AtMost = 1 << 24)]
    public required int Batch { get; init; }

    [Key("Leaves of the sum tree: how finely a step can be shared out. Belongs to the numbers, not to the cluster.",
        DefaultRule = "the largest power of two up to 16 that leaves at least 4 samples, of a text 2 lanes, a leaf"),
        Limits(AtLeast = 1, AtMost = 4096, PowerOfTwo = true)]
    public int Shards { get; init; }

    [Key("What becomes of the smaller last minibatch of an epoch.")]
    public LastBatch LastBatch { get; init; } = LastBatch.Keep;

    [Key("How parameters change.")]
    public required Optimizer Optimizer { get; init; }

    [Key("How the learning rate changes. Without it: not at all.")]
    public Schedule? Schedule { get; init; }

    [Key("Bounds the averaged gradient with its penalties, before weight decay and the update.")]
    public Clip? Clip { get; init; }

    [Key("Penalties in the loss.")]
    public Regularization? Regularization { get; init; }

    [Key("Sequences longer than this are trained in chunks, one in each step; state is carried on, gradients stop. A text needs it.")]
    public TruncatedBptt? TruncatedBptt { get; init; }

    [Key("What happens when a gradient or parameter is NaN or infinite: stop names step, layer and leaf; skip keeps nothing of the step and moves on.")]
    public OnNonFinite OnNonFinite { get; init; } = OnNonFinite.Stop;

    [Key("How workers keep together.")]
    public TrainingMode Mode { get; init; } = TrainingMode.Synchronous;
}

public enum LastBatch
{
    Keep,
    Drop,
}

public enum OnNonFinite
{
    Stop,
    Skip,
}

[NotYet("boundedStaleness", "asynchronous", "localSteps")]
public enum TrainingMode
{
    Synchronous,
}
