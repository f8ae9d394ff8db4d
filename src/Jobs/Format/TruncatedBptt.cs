using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>Truncated backpropagation through time.</summary>
public sealed record TruncatedBptt
{
    [Key("New steps of the sequences in each step of the training."), Limits(AtLeast = 1, AtMost = 1 << 24)]
    public required int Steps { get; init; }

    [Key("How many steps gradients go back, at least 'steps'; those before the new ones are computed anew.", DefaultRule = "steps"), Limits(AtLeast = 1, AtMost = 1 << 24)]
    public int Backward { get; init; }
}
