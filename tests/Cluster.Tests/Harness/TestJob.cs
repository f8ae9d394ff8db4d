using System.Globalization;

namespace Lockstep.Cluster.Tests.Harness;

/// <summary>A job small enough to be run again and again: digits, a tiny net, 16 leaves, a checkpoint every few steps.</summary>
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

    /// <summary>The learning rate.</summary>
    public string LearningRate { get; init; } = "0.05";

    /// <summary>What a gradient that is not finite does.</summary>
    public string OnNonFinite { get; init; } = "stop";

    /// <summary>Units of the hidden layer.</summary>
    public int Units { get; init; } = 24;

    /// <summary>The lines of <c>data</c>.</summary>
    public string Data { get; init; } = "dataset: digits\n  transforms:\n    - scale: 1/16";

    /// <summary>The lines of <c>evaluation</c>; empty for none.</summary>
    public string Evaluation { get; init; } = "evaluation: { everyEpochs: 1, metrics: [accuracy, loss] }";

    /// <summary>The job file.</summary>
    public string Yaml => string.Create(CultureInfo.InvariantCulture, $$"""
        name: {{Name}}
        seed: 7
        data:
          {{Data}}
        model:
          - flatten
          - dense: { units: {{Units}} }
          - relu
          - dense: { units: 10 }
        training:
          loss: softmaxCrossEntropy
          steps: {{Steps}}
          batch: 32
          shards: 16
          optimizer: { sgd: { learningRate: {{LearningRate}}, momentum: 0.9 } }
          onNonFinite: {{OnNonFinite}}
        {{Evaluation}}
        checkpoint: { everySteps: {{CheckpointEvery}}, keep: 3 }
        """) + "\n";

    /// <summary>About how many bytes a worker sends up in a step while it has one node of the tree: the gradient in float32, and headers.</summary>
    public long BytesPerStep => (((64 * Units) + Units + (Units * 10) + 10) * sizeof(float)) + 500;
}
