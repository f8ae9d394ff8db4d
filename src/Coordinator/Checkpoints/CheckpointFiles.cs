using System.Globalization;

namespace Lockstep.Coordinator.Checkpoints;

/// <summary>What the files of a run directory and of a checkpoint are called.</summary>
public static class CheckpointFiles
{
    /// <summary>Folder of the checkpoints in a run directory.</summary>
    public const string Folder = "checkpoints";

    /// <summary>The parameters, by name; its SHA-256 is <em>the</em> hash.</summary>
    public const string Model = "model.safetensors";

    /// <summary>The optimizer's state, <c>state.parameter</c> by name.</summary>
    public const string Optimizer = "optimizer.safetensors";

    /// <summary>Hidden state that is carried from chunk to chunk.</summary>
    public const string Carried = "carried.safetensors";

    /// <summary>Statistics of the transforms, fitted on the training part.</summary>
    public const string Statistics = "statistics.safetensors";

    /// <summary>What tokens of inputs and targets mean; where they are texts.</summary>
    public const string Vocabulary = "vocabulary.json";

    /// <summary>Where the run stood, and the hashes of the other files.</summary>
    public const string State = "state.json";

    /// <summary>The resolved job.</summary>
    public const string Job = "job.yaml";

    /// <summary>What every checkpoint has beside <see cref="State"/>.</summary>
    public static readonly IReadOnlyList<string> Needed = [Model, Optimizer, Carried, Job];

    /// <summary>What a checkpoint has too where its job has such a thing.</summary>
    public static readonly IReadOnlyList<string> Optional = [Statistics, Vocabulary];

    private const string StepPrefix = "step-";

    /// <summary>Name of the folder of one checkpoint; names sort as steps do.</summary>
    public static string NameOf(long step) => StepPrefix + step.ToString("D10", CultureInfo.InvariantCulture);

    /// <summary>The step that a folder's name says; null where it is no checkpoint's.</summary>
    public static long? StepOf(string folder) =>
        Path.GetFileName(folder) is { } name && name.StartsWith(StepPrefix, StringComparison.Ordinal)
        && long.TryParse(name.AsSpan(StepPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long step)
            ? step
            : null;
}
