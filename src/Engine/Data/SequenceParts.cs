namespace Lockstep.Engine.Data;

/// <summary>What samples may have beside an input and a target, each for all samples of the numbers: masks, a teacher, initial states.</summary>
internal sealed record SequenceParts
{
    public static SequenceParts None { get; } = new();

    /// <summary>Whether inputs are tokens: whole numbers from 0 up.</summary>
    public bool InputsAreTokens { get; init; }

    /// <summary>Input tokens are below this.</summary>
    public int VocabularySize { get; init; }

    /// <summary>What input tokens mean; null where nothing is known of them.</summary>
    public Text.Vocabulary? Vocabulary { get; init; }

    /// <summary>Whether the samples are lanes of one stream, side by side.</summary>
    public bool IsStream { get; init; }

    /// <summary>[N, T] of ones and zeros.</summary>
    public SampleInputs? InputMask { get; init; }

    /// <summary>[N, U] of ones and zeros.</summary>
    public SampleInputs? TargetMask { get; init; }

    /// <summary>[N, U] or [N, U, D].</summary>
    public SampleInputs? Teacher { get; init; }

    /// <summary>[U] for tokens, [U, D] for values.</summary>
    public IReadOnlyList<int> TeacherShape { get; init; } = [];

    /// <summary>Teacher tokens are below this; 0 where the teacher is values.</summary>
    public int TeacherVocabularySize { get; init; }

    /// <summary>What teacher and target tokens mean; null where nothing is known of them.</summary>
    public Text.Vocabulary? TargetVocabulary { get; init; }

    /// <summary>By name, each [N, H].</summary>
    public IReadOnlyList<InitialState> InitialStates { get; init; } = [];
}

/// <summary>A recurrent state that samples begin with.</summary>
/// <param name="Name">The layer's name, <c>.h0_l</c> or <c>.c0_l</c>, and the level from 0.</param>
/// <param name="Length">H, how many numbers a sample has.</param>
/// <param name="Values">[N, H].</param>
internal sealed record InitialState(string Name, int Length, SampleInputs Values);

/// <summary>A class at every step: step u of sample n is at <c>start + n·steps + u</c>.</summary>
internal sealed class StepClasses(int[] classes, int start, int steps)
{
    /// <summary>U, the steps of a target.</summary>
    public int Steps => steps;

    public ReadOnlySpan<int> Of(long sample) => classes.AsSpan(checked((int)(start + sample * steps)), steps);
}
