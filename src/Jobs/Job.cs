using Lockstep.Jobs.Binding;
using Lockstep.Jobs.Format;

namespace Lockstep.Jobs;

/// <summary>
/// All that decides the result of a training run. One that <see cref="JobFile"/> returned is resolved: every default is
/// filled in, and its canonical text says it all.
/// </summary>
public sealed record Job
{
    [Key("What the run is called.", DefaultRule = "the name of the job file"), Name(AsInFileNames = true)]
    public string Name { get; init; } = "";

    [Key("What all randomness follows from."), Limits(AtLeast = 0)]
    public ulong Seed { get; init; } = 1;

    [Key("Where samples come from.")]
    public required DataSection Data { get; init; }

    [Key("The layers: a list of them, in order, or an encoder and a decoder.")]
    public required Model Model { get; init; }

    [Key("Saved weights to start from.")]
    public WeightsSection? Weights { get; init; }

    [Key("How the model is trained.")]
    public required TrainingSection Training { get; init; }

    [Key("When and by what the model is judged.", DefaultRule = "after every epoch, where there is a validation part")]
    public EvaluationSection? Evaluation { get; init; }

    [Key("When the state of the run is saved. No effect on the numbers.")]
    public CheckpointSection Checkpoint { get; init; } = new();

    [Key("What is shown of the training beside loss and metrics. No effect on the numbers.")]
    public DiagnosticsSection? Diagnostics { get; init; }

    [Key("What the last evaluation must reach: the run fails with exit code 3 otherwise.")]
    public TargetSection? Target { get; init; }
}
