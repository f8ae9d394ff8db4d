using Lockstep.Jobs;
using Lockstep.Jobs.Format;
using Lockstep.Jobs.Planning;

namespace Lockstep.Benchmarks.Workload;

/// <summary>What a workload is trained on.</summary>
internal enum WorkloadData
{
    /// <summary>MNIST, or synthetic files of its shape.</summary>
    Mnist,

    /// <summary>Normal noise [3, 32, 32] in 10 classes.</summary>
    SmallNoise,

    /// <summary>Normal noise [3, 227, 227] in 1,000 classes.</summary>
    LargeNoise,

    /// <summary>A text of 65 characters, most of which follow from the one before.</summary>
    Text,
}

/// <summary>A job that is measured: NAME.yaml beside the program, and what data it needs.</summary>
/// <param name="Name">Its name on the command line and in tables.</param>
/// <param name="Model">What it trains, for the head of a report.</param>
/// <param name="Data">What on.</param>
/// <param name="Small">What <c>--set</c> takes to make a step of it a matter of milliseconds.</param>
internal sealed record BenchmarkJob(string Name, string Model, WorkloadData Data, IReadOnlyList<string> Small)
{
    private static readonly string[] SmallText = ["training.batch=8", "training.truncatedBptt.steps=8"];

    /// <summary>All of them, in the order in which tables list them.</summary>
    public static IReadOnlyList<BenchmarkJob> All { get; } =
    [
        new("mnist-mlp", "784-512-512-10, relu", WorkloadData.Mnist, ["training.batch=16", "training.shards=4"]),
        new("mnist-lenet", "LeNet-5, tanh, mean pooling", WorkloadData.Mnist, ["training.batch=16"]),
        new("cifar-vgg", "6 convolutions of 64 to 256 filters, 2 dense layers", WorkloadData.SmallNoise, ["training.batch=4", "training.shards=2"]),
        new("alexnet", "5 convolutions in two groups, 3 dense layers, dropout", WorkloadData.LargeNoise, ["training.batch=2", "training.shards=2", "model.16.dense.units=32", "model.19.dense.units=32"]),
        new("charlstm", "lstm, 2 levels of 512 units", WorkloadData.Text, ["model.0.lstm.units=16", .. SmallText]),
        new("chargru", "gru, 256 units", WorkloadData.Text, ["model.0.gru.units=16", .. SmallText]),
        new("rnn", "rnn, 256 units", WorkloadData.Text, ["model.0.rnn.units=16", .. SmallText]),
    ];

    /// <summary>The jobs of these names.</summary>
    /// <exception cref="InvalidOperationException">There is no such job.</exception>
    public static IReadOnlyList<BenchmarkJob> Named(IEnumerable<string> names) =>
        [.. names.Select(name => All.FirstOrDefault(job => job.Name == name) ?? throw new InvalidOperationException($"There is no workload '{name}'; there are {string.Join(", ", All.Select(job => job.Name))}."))];

    /// <summary>Reads the data and puts the model together.</summary>
    /// <param name="jobFile">The job file.</param>
    /// <param name="settings">What <c>--set</c> takes.</param>
    public static TrainingPlan Plan(string jobFile, IReadOnlyList<string> settings) =>
        TrainingPlan.Create(JobFile.Read(jobFile, new JobOverrides { Set = settings }), JobSource.OfJobFile(jobFile));

    /// <summary>What <c>--set</c> takes to change the leaves.</summary>
    public static string Shards(int shards) => $"training.shards={shards}";

    /// <summary>What <c>--set</c> takes so that a job's minibatch is one of so many equal shares, with leaves of the same samples.</summary>
    /// <exception cref="InvalidOperationException">It cannot be cut so.</exception>
    public static IReadOnlyList<string> ShareOf(TrainingPlan plan, int shares) => plan.Job.Training.Batch % shares == 0 && plan.Shards % shares == 0
        ? [$"training.batch={plan.Job.Training.Batch / shares}", Shards(plan.Shards / shares)]
        : throw new InvalidOperationException($"{plan.Job.Name}: a minibatch of {plan.Job.Training.Batch} samples in {plan.Shards} leaves cannot be cut into {shares} equal shares.");

    /// <summary>What <c>--set</c> takes so that a job drops nothing out: nothing at all where it does not anyway.</summary>
    public static IReadOnlyList<string> WithoutDropout(Job job) =>
        [.. job.Model.Layers.Where(placed => placed.Layer is DropoutLayer { Rate: > 0 }).Select(placed => placed.Path + ".dropout.rate=0")];
}
