using System.Text.RegularExpressions;
using Lockstep.Jobs.Format;

namespace Lockstep.Jobs;

/// <summary>Fills in the defaults that follow from other keys.</summary>
internal static partial class JobDefaults
{
    public static Job Resolve(Job job, string file)
    {
        Validation? validation = job.Data.Validation ?? (DataRules.HasTestPart(job.Data) ? new TestValidation() : null);
        return job with
        {
            Name = job.Name.Length > 0 ? job.Name : NameOf(file),
            Data = job.Data with { Csv = Series(job.Data.Csv), Validation = validation is CsvValidation csv ? csv with { Table = Series(csv.Table)! } : validation, Shuffle = job.Data.Shuffle && job.Data.Text is null },
            Training = job.Training with
            {
                Shards = job.Training.Shards > 0 ? job.Training.Shards : Shards(job.Training.Batch, smallestLeaf: job.Data.Text is null ? 4 : 2),
                TruncatedBptt = Chunks(job.Training.TruncatedBptt),
            },
            Diagnostics = job.Diagnostics is { Show.Count: 0 } all ? all with { Show = [.. Enum.GetValues<Diagnostic>()] } : job.Diagnostics,
            Model = job.Model.WithLayers(WithDefaults),
            Evaluation = validation is null ? null : Evaluation(job.Evaluation ?? new EvaluationSection(), job),
        };
    }

    private static CsvTable? Series(CsvTable? table) => table is { Window: not null, Horizon: null } ? table with { Horizon = 1 } : table;

    /// <summary>The largest power of two up to 16 that leaves a leaf so many samples.</summary>
    public static int Shards(int batch, int smallestLeaf)
    {
        int shards = 16;
        while (shards > 1 && batch / shards < smallestLeaf)
            shards /= 2;
        return shards;
    }

    private static TruncatedBptt? Chunks(TruncatedBptt? given) => given is { Backward: 0 } ? given with { Backward = given.Steps } : given;

    /// <summary>What is reported where nothing is named: of targets that are values from a file no part can be right.</summary>
    public static Metric Metric(Job job) => job.Training.Loss switch
    {
        L2Loss => Format.Metric.Mse,
        L1Loss => Format.Metric.Mae,
        BinaryCrossEntropyLoss or HingeLoss or PerceptronLoss when job.Data is { Csv: not null } or { Tensors: not null } => Format.Metric.Loss,
        _ => Format.Metric.Accuracy,
    };

    /// <summary>Windows lie side by side where nothing else is said.</summary>
    private static Layer WithDefaults(Layer layer) => layer is PoolingLayer { Stride: null } pool ? pool with { Stride = pool.Kernel } : layer;

    private static EvaluationSection Evaluation(EvaluationSection given, Job job) => given with
    {
        EveryEpochs = given.EveryEpochs ?? (given.EverySteps is null ? 1 : null),
        Metrics = given.Metrics.Count > 0 ? given.Metrics : [Metric(job)],
    };

    private static string NameOf(string file)
    {
        string name = Unnameable().Replace(Path.GetFileNameWithoutExtension(file), "-").TrimStart('-', '.');
        return name.Length switch
        {
            0 => "job",
            > 64 => name[..64],
            _ => name,
        };
    }

    [GeneratedRegex("[^A-Za-z0-9_.-]+", RegexOptions.CultureInvariant)]
    private static partial Regex Unnameable();
}
