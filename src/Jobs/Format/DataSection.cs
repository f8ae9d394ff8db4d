using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>Where samples come from, and what is done to them before the first layer.</summary>
[OneOf("dataset", "idx", "cifar", "csv", "text", "pairs", "images", "captions", "tensors", Needed = true)]
public sealed record DataSection
{
    [Key("A data set known by name. digits is 8x8, embedded, and needs no download.")]
    public BuiltInDataSet? Dataset { get; init; }

    [Key("Images and labels in the IDX format, gzip or not.")]
    public IdxFiles? Idx { get; init; }

    [Key("Images in the binary format of CIFAR-10.")]
    public CifarFiles? Cifar { get; init; }

    [Key("A table.")]
    public CsvTable? Csv { get; init; }

    [Key("A text whose next token is predicted. Its stream is cut into as many lanes as 'training.batch' says.")]
    public TextFiles? Text { get; init; }

    [Key("Sentences and what becomes of them, another language for instance.")]
    public PairTable? Pairs { get; init; }

    [Key("Images in a folder for each class.")]
    public ImageFolder? Images { get; init; }

    [Key("Images and sentences about them.")]
    public CaptionTable? Captions { get; init; }

    [Key("A .safetensors file.")]
    public TensorFile? Tensors { get; init; }

    [Key("Only these classes, renumbered from 0 in this order."), Limits(AtLeast = 0), NotEmpty, Distinct]
    public Sequence<int>? Classes { get; init; }

    [Key("Only the first so many samples."), Limits(AtLeast = 1)]
    public int? Limit { get; init; }

    [Key("What the model is judged by.", DefaultRule = "test for a data set that has a test part, none for others")]
    public Validation? Validation { get; init; }

    [Key("Whether the order of samples changes with every epoch, as a function of seed and epoch alone. false keeps the order of the file. A text has no other.")]
    public bool Shuffle { get; init; } = true;

    [Key("In this order. Statistics come from the training part alone.")]
    public Sequence<Transform> Transforms { get; init; } = [];
}

public enum BuiltInDataSet
{
    Digits,
    Mnist,
    FashionMnist,
    Cifar10,
}

public sealed record IdxFiles
{
    [Key("The images."), FilePath]
    public required string Images { get; init; }

    [Key("Their labels."), FilePath]
    public required string Labels { get; init; }
}

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

    [Key("Makes the rows a time series: so many rows in a row are one input, [window, columns]. Parts are cut between rows, so that no window reaches across."), Limits(AtLeast = 1, AtMost = 1048576)]
    public int? Window { get; init; }

    [Key("With 'window': the target is so many rows after the window's last.", DefaultRule = "1 with 'window'"), Limits(AtLeast = 1, AtMost = 1048576)]
    public int? Horizon { get; init; }

    [Key("With 'window': columns of which x(t) - x(t-1) is taken, as input and as target."), NameOrNumber, NotEmpty, Distinct]
    public Sequence<string>? Difference { get; init; }

    [Key("With 'window': columns of which log(x(t)/x(t-1)) is taken, as input and as target."), NameOrNumber, NotEmpty, Distinct]
    public Sequence<string>? LogReturn { get; init; }
}

public sealed record TensorFile
{
    [Key("A file with the tensors inputs and targets, whose first axis is the sample."), FilePath]
    public required string Path { get; init; }
}
