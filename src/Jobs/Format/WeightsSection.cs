using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>Training that starts from saved weights.</summary>
public sealed record WeightsSection
{
    [Key("A .safetensors file with parameters called as in this model."), FilePath]
    public required string From { get; init; }

    [Key("The layers, by index or name, that take their weights from the file. Without it: all."), NameOrNumber, NotEmpty, Distinct]
    public Sequence<string>? Layers { get; init; }

    [Key("The layers, by index or name, that start anew all the same."), NameOrNumber, NotEmpty, Distinct]
    public Sequence<string>? Reinitialize { get; init; }
}
