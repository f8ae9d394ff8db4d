using System.Globalization;

namespace Lockstep.Cluster.Tests.Harness;

/// <summary>A job small enough to be run again and again: by default digits, a tiny net, 16 leaves, a checkpoint every few steps.</summary>
/// <param name="Name">The job's name.</param>
/// <param name="Steps">How many steps.</param>
/// <param name="CheckpointEvery">Steps between checkpoints.</param>
public sealed record TestJob(string Name, int Steps, int CheckpointEvery)
{
    /// <summary>Three epochs.</summary>
    public static readonly TestJob Whole = new("promise", 135, 15);

    /// <summary>A few steps, for what is a hundred times slower.</summary>
    public static readonly TestJob Short = new("promise-short", 12, 6);

    /// <summary>Some seconds, for what can only be done to a run that nobody holds.</summary>
    public static readonly TestJob Long = new("promise-long", 3_000, 500);

    /// <summary>Long enough for coordinators to be ended one after another.</summary>
    public static readonly TestJob Longer = new("promise-longer", 6_000, 500);

    /// <summary>The lines of <c>data</c>.</summary>
    public string Data { get; init; } = """
        dataset: digits
        transforms:
          - scale: 1/16
        """;

    /// <summary>The lines of <c>model</c>.</summary>
    public string Model { get; init; } = """
        - flatten
        - dense: { units: 24 }
        - relu
        - dense: { units: 10 }
        """;

    /// <summary>The loss.</summary>
    public string Loss { get; init; } = "softmaxCrossEntropy";

    /// <summary>Samples a step.</summary>
    public int Batch { get; init; } = 32;

    /// <summary>Leaves of the sum tree.</summary>
    public int Shards { get; init; } = 16;

    /// <summary>The learning rate.</summary>
    public string LearningRate { get; init; } = "0.05";

    /// <summary>The optimizer; by default gradient descent with that rate and momentum.</summary>
    public string? Optimizer { get; init; }

    /// <summary>More lines of <c>training</c>.</summary>
    public string Training { get; init; } = "";

    /// <summary>What a gradient that is not finite does.</summary>
    public string OnNonFinite { get; init; } = "stop";

    /// <summary>The lines of <c>evaluation</c>; empty for none.</summary>
    public string Evaluation { get; init; } = "evaluation: { everyEpochs: 1, metrics: [accuracy, loss] }";

    /// <summary>Makes the files that the job names, in the folder of the job file; null where it names none.</summary>
    public Action<string>? MakeFiles { get; init; }

    /// <summary>The job file.</summary>
    public string Yaml => string.Create(CultureInfo.InvariantCulture, $$"""
        name: {{Name}}
        seed: 7
        data:
        {{Indented(Data)}}
        model:
        {{Indented(Model)}}
        training:
          loss: {{Loss}}
          steps: {{Steps}}
          batch: {{Batch}}
          shards: {{Shards}}
          optimizer: { {{Optimizer ?? Descent}} }
          onNonFinite: {{OnNonFinite}}
        {{Indented(Training)}}
        {{Evaluation}}
        checkpoint: { everySteps: {{CheckpointEvery}}, keep: 3 }
        """) + "\n";

    private string Descent => $"sgd: {{ learningRate: {LearningRate}, momentum: 0.9 }}";

    private static string Indented(string lines) => string.Join('\n', lines.Split('\n').Select(line => "  " + line));
}
