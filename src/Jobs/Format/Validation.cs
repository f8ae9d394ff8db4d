using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>Where the samples come from that a model is judged by and never trained on.</summary>
[Cases(typeof(TestValidation), typeof(FractionValidation), typeof(IdxValidation), typeof(CifarValidation), typeof(CsvValidation),
    typeof(TextValidation), typeof(PairValidation), typeof(ImageValidation), typeof(CaptionValidation), typeof(TensorValidation))]
public abstract record Validation;

[Case("test", "The test part that the data set itself has.")]
public sealed record TestValidation : Validation;

[Case("fraction", "The last part of the samples.")]
public sealed record FractionValidation : Validation
{
    [Key("How large a part."), Value, Limits(Above = 0, Below = 1)]
    public required double Fraction { get; init; }
}

[Case("idx", "Other IDX files.")]
public sealed record IdxValidation : Validation
{
    [Key("The files."), Value]
    public required IdxFiles Files { get; init; }
}

[Case("csv", "Another table.")]
public sealed record CsvValidation : Validation
{
    [Key("The table."), Value]
    public required CsvTable Table { get; init; }
}

[Case("tensors", "Another .safetensors file.")]
public sealed record TensorValidation : Validation
{
    [Key("The file."), Value]
    public required TensorFile File { get; init; }
}
