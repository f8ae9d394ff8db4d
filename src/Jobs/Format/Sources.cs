using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

public sealed record CifarFiles
{
    [Key("What is trained on: a file, or several with * and ? in the name, gzip or not."), FilePath(Many = true)]
    public required string Train { get; init; }

    [Key("The test part."), FilePath(Many = true)]
    public string? Test { get; init; }
}

public sealed record TextFiles
{
    [Key("A file of UTF-8 text, gzip or not, or several with * and ? in the name, in the order of their names' bytes."), FilePath(Many = true)]
    public required string Path { get; init; }

    [Key("What is predicted one by one.")]
    public TextUnit Unit { get; init; } = TextUnit.Character;
}

public enum TextUnit
{
    Character,
    Word,
}

public sealed record PairTable
{
    [Key("A table with two columns: source sentence and target sentence."), FilePath]
    public required string Path { get; init; }

    [Key("What sentences are made of.")]
    public TextUnit Unit { get; init; } = TextUnit.Word;

    [Key("Whether the first line names the columns.")]
    public bool Header { get; init; } = true;
}

public sealed record ImageFolder
{
    [Key("A folder with one folder of PNG or JPEG files for each class."), FilePath(Folder = true)]
    public required string Path { get; init; }

    [Key("Every image becomes a square of so many pixels a side: its shorter side is made so long, and the centre is cut out."), Limits(AtLeast = 1, AtMost = 4096)]
    public required int Size { get; init; }
}

public sealed record CaptionTable
{
    [Key("The folder of the images."), FilePath(Folder = true)]
    public required string Images { get; init; }

    [Key("A table with two columns: file name and sentence."), FilePath]
    public required string Table { get; init; }

    [Key("Every image becomes a square of so many pixels a side; by default as many as the shorter side of the table's first image."), Limits(AtLeast = 1, AtMost = 4096)]
    public int? Size { get; init; }

    [Key("What sentences are made of.")]
    public TextUnit Unit { get; init; } = TextUnit.Word;

    [Key("Whether the first line names the columns.")]
    public bool Header { get; init; } = true;
}
