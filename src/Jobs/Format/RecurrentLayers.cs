using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Binding;

namespace Lockstep.Jobs.Format;

/// <summary>A layer that goes through a sequence with a state.</summary>
public abstract record RecurrentLayer : ParameterizedLayer
{
    [Key("How many units (H)."), Limits(AtLeast = 1, AtMost = 1 << 20)]
    public required int Units { get; init; }

    [Key("How many levels, each over the outputs of the one below it."), Limits(AtLeast = 1, AtMost = 256)]
    public int Layers { get; init; } = 1;
}

[Case("rnn", "h(t) = f(W·x(t) + b + U·h(t-1)) with weight_ih_l0 [H, D], weight_hh_l0 [H, H], bias_ih_l0 [H]. Weights and biases start uniform on ±1/√H.")]
public sealed record RnnLayer : RecurrentLayer
{
    [Key("The function f.")]
    public RecurrentActivation Activation { get; init; } = RecurrentActivation.Tanh;
}

[Case("lstm", "Long short-term memory; gates in the order i, f, g, o: weight_ih_l0 [4H, D], weight_hh_l0 [4H, H], bias_ih_l0 [4H]. Weights and biases start uniform on ±1/√H.")]
public sealed record LstmLayer : RecurrentLayer
{
    [Key("What the gates see of the cells: i and f of c(t-1), o of c(t); diagonal: each its own, peephole_i_l0, peephole_f_l0, peephole_o_l0 [H]; full: all, [H, H].")]
    public PeepholeKind Peephole { get; init; } = PeepholeKind.None;

    [Key("Whether i = 1 - f; the gates are then f, g, o.")]
    public bool Coupled { get; init; }
}

[Case("gru", "Gated recurrent unit; gates in the order r, z, n: weight_ih_l0 [3H, D], weight_hh_l0 [3H, H], bias_ih_l0 [3H]. Weights and biases start uniform on ±1/√H.")]
public sealed record GruLayer : RecurrentLayer
{
    [Key("Whether the reset gate acts after the product: n = tanh(W·x + b + r·(U·h + bias_hn)) with bias_hn_l0 [H]; else n = tanh(W·x + b + U·(r·h)).")]
    public bool ResetAfter { get; init; }
}

[Case("embedding", "The row of each token of weight [vocabulary, size], which starts gaussian with deviation 1.")]
public sealed record EmbeddingLayer : ParameterizedLayer
{
    [Key("Numbers of a row."), Limits(AtLeast = 1, AtMost = 1 << 24)]
    public required int Size { get; init; }

    [Key("How many different tokens there are.", DefaultRule = "those of the data"), Limits(AtLeast = 1, AtMost = 1 << 24)]
    public int? Vocabulary { get; init; }
}

[Case("lastStep", "Many to one: [T, D] becomes [D], the last step that is no padding.")]
public sealed record LastStepLayer : Layer;

[Case("repeat", "One to many: [D] becomes [T, D].")]
public sealed record RepeatLayer : Layer
{
    [Key("T, how many steps."), Limits(AtLeast = 1, AtMost = 1 << 20)]
    public required int Steps { get; init; }

    [Key("What stands at the steps after the first: the value again, or zeros.")]
    public RepeatFill Fill { get; init; } = RepeatFill.Value;
}
