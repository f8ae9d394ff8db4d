using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>Where samples come from, and what is done to them before the first layer.</summary>
[OneOf("dataset", "idx", "csv", "tensors", Needed = true)]
[NotYet("cifar", "text", "pairs", "images", "captions")]
public sealed record DataSection
{
    [Key("A data set known by name. digits is 8x8, embedded, and needs no download.")]
    public BuiltInDataSet? Dataset { get; init; }

    [Key("Images and labels in the IDX format, gzip or not.")]
    public IdxFiles? Idx { get; init; }

    [Key("A table.")]
    public CsvTable? Csv { get; init; }

    [Key("A .safetensors file.")]
    public TensorFile? Tensors { get; init; }

    [Key("Only these classes, renumbered from 0 in this order."), Limits(AtLeast = 0), NotEmpty, Distinct]
    public Sequence<int>? Classes { get; init; }

    [Key("Only the first so many samples."), Limits(AtLeast = 1)]
    public int? Limit { get; init; }

    [Key("What the model is judged by.", DefaultRule = "test for a data set known by name, none for files")]
    public Validation? Validation { get; init; }

    [Key("Whether the order of samples changes with every epoch, as a function of seed and epoch alone. false keeps the order of the file.")]
    public bool Shuffle { get; init; } = true;

    [Key("In this order. Statistics come from the training part alone.")]
    public Sequence<Transform> Transforms { get; init; } = [];
}

[NotYet("cifar10")]
public enum BuiltInDataSet
{
    Digits,
    Mnist,
    FashionMnist,
}

public sealed record IdxFiles
{
    [Key("The images."), FilePath]
    public required string Images { get; init; }

    [Key("Their labels."), FilePath]
    public required string Labels { get; init; }
}

[NotYet("window", "horizon", "difference", "logReturn")]
public sealed record CsvTable
{
    [Key("The file."), FilePath]
    public required string Path { get; init; }

    [Key("The columns that go in: names, or numbers from 0."), NameOrNumber, NotEmpty, Distinct]
    public required Sequence<string> Inputs { get; init; }

    [Key("The columns to predict: names, or numbers from 0."), NameOrNumber, NotEmpty, Distinct]
    public required Sequence<string> Targets { get; init; }

    [Key("Whether the first line names the columns.")]
    public bool Header { get; init; } = true;
}

public sealed record TensorFile
{
    [Key("A file with the tensors inputs and targets, whose first axis is the sample."), FilePath]
    public required string Path { get; init; }
}
