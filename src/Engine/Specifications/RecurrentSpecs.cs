namespace Lockstep.Engine.Specifications;

/// <summary>A stack of recurrent levels, each over the outputs of the one below it, with <paramref name="Units"/> units each.</summary>
public abstract record RecurrentSpec(int Units, int Levels) : ParameterizedLayerSpec;

/// <summary>h(t) = f(W·x(t) + b + U·h(t−1)) (Elman 1990).</summary>
public sealed record RnnSpec(int Units, int Levels = 1, RecurrentActivation Activation = RecurrentActivation.Tanh) : RecurrentSpec(Units, Levels);

/// <summary>Long short-term memory (Hochreiter and Schmidhuber 1997; forget gates of Gers et al. 2000), gates in the order i, f, g, o; coupled f, g, o with i = 1 − f.</summary>
public sealed record LstmSpec(int Units, int Levels = 1, PeepholeKind Peephole = PeepholeKind.None, bool Coupled = false) : RecurrentSpec(Units, Levels);

/// <summary>Gated recurrent unit (Cho et al. 2014), gates in the order r, z, n; the reset gate acts before or after the product with U.</summary>
public sealed record GruSpec(int Units, int Levels = 1, bool ResetAfter = false) : RecurrentSpec(Units, Levels);

/// <summary>Row of each token of a table [vocabulary, size].</summary>
/// <param name="Size">Numbers of a row.</param>
/// <param name="Vocabulary">Rows; null where the data says how many, which must be filled in before a network is built.</param>
public sealed record EmbeddingSpec(int Size, int? Vocabulary = null) : ParameterizedLayerSpec;

/// <summary>[T, D] → [D]: the last step that is there.</summary>
public sealed record LastStepSpec : LayerSpec;

/// <summary>[D] → [steps, D].</summary>
public sealed record RepeatSpec(int Steps, RepeatFill Fill = RepeatFill.Value) : LayerSpec;

/// <summary>The function of a plain recurrent layer.</summary>
public enum RecurrentActivation
{
    Tanh = 0,
    Relu = 1,
}

/// <summary>What the gates of an LSTM see of its cells (Gers and Schmidhuber 2000).</summary>
public enum PeepholeKind
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Each gate its own cell: weights [H].</summary>
    Diagonal = 1,

    /// <summary>Each gate all cells: weights [H, H].</summary>
    Full = 2,
}

/// <summary>What stands at the steps after the first of a value that became a sequence.</summary>
public enum RepeatFill
{
    /// <summary>The value again.</summary>
    Value = 0,

    /// <summary>Zeros.</summary>
    Zeros = 1,
}
