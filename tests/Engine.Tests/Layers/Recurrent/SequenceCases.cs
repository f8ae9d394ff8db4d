using Lockstep.Engine.Specifications;

namespace Lockstep.Engine.Tests.Layers.Recurrent;

/// <summary>Every recurrent cell and variant.</summary>
internal static class SequenceCases
{
    public static readonly string[] Cells =
    [
        "rnn tanh", "rnn relu", "lstm", "lstm diagonal", "lstm full", "lstm coupled", "lstm coupled diagonal", "lstm coupled full", "gru before", "gru after",
    ];

    public static RecurrentSpec Cell(string name, int units, int levels = 1) => name switch
    {
        "rnn tanh" => new RnnSpec(units, levels),
        "rnn relu" => new RnnSpec(units, levels, RecurrentActivation.Relu),
        "lstm" => new LstmSpec(units, levels),
        "lstm diagonal" => new LstmSpec(units, levels, PeepholeKind.Diagonal),
        "lstm full" => new LstmSpec(units, levels, PeepholeKind.Full),
        "lstm coupled" => new LstmSpec(units, levels, Coupled: true),
        "lstm coupled diagonal" => new LstmSpec(units, levels, PeepholeKind.Diagonal, Coupled: true),
        "lstm coupled full" => new LstmSpec(units, levels, PeepholeKind.Full, Coupled: true),
        "gru before" => new GruSpec(units, levels),
        "gru after" => new GruSpec(units, levels, ResetAfter: true),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}
