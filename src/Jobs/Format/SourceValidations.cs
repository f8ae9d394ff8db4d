using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

[Case("cifar", "Other files in the binary format of CIFAR-10; 'train' is what is read.")]
public sealed record CifarValidation : Validation
{
    [Key("The files."), Value]
    public required CifarFiles Files { get; init; }
}

[Case("text", "Another text.")]
public sealed record TextValidation : Validation
{
    [Key("The text."), Value]
    public required TextFiles Files { get; init; }
}

[Case("pairs", "Another table of sentences.")]
public sealed record PairValidation : Validation
{
    [Key("The table."), Value]
    public required PairTable Table { get; init; }
}

[Case("images", "Another folder of images.")]
public sealed record ImageValidation : Validation
{
    [Key("The folder."), Value]
    public required ImageFolder Folder { get; init; }
}

[Case("captions", "Other images with sentences.")]
public sealed record CaptionValidation : Validation
{
    [Key("The images and their table."), Value]
    public required CaptionTable Table { get; init; }
}
