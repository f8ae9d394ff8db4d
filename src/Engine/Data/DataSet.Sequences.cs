using Lockstep.Engine.Data.Text;

namespace Lockstep.Engine.Data;

/// <summary>What sequences have beside inputs and targets. T is the steps of an input, U those of a target.</summary>
public sealed unsafe partial class DataSet
{
    private readonly SequenceParts _sequence = SequenceParts.None;
    private readonly StepClasses? _stepClasses;

    /// <summary>Whether inputs are tokens: the shape is [T], and each number a whole one from 0 to <see cref="VocabularySize"/> − 1.</summary>
    public bool InputsAreTokens => _sequence.InputsAreTokens;

    /// <summary>How many different tokens inputs may have; 0 where inputs are no tokens.</summary>
    public int VocabularySize => _sequence.VocabularySize;

    /// <summary>The texts of the input's tokens; null where inputs are no tokens, or tokens without known texts.</summary>
    public Vocabulary? Vocabulary => _sequence.Vocabulary;

    /// <summary>The texts of the tokens of targets and teacher; null where they have none.</summary>
    public Vocabulary? TargetVocabulary => _sequence.TargetVocabulary;

    /// <summary>Whether the samples are lanes of one stream: equally long, side by side, in the stream's order.</summary>
    public bool IsStream => _sequence.IsStream;

    /// <summary>U, the steps of a target with a class at each; 0 where a target is one class, or values.</summary>
    public int TargetSteps => _stepClasses?.Steps ?? 0;

    /// <summary>Whether some steps of inputs count for nothing.</summary>
    public bool HasInputMask => _sequence.InputMask is not null;

    /// <summary>Whether some steps of targets count for nothing.</summary>
    public bool HasTargetMask => _sequence.TargetMask is not null;

    /// <summary>How many numbers a target's mask has: U.</summary>
    public int TargetMaskSteps => !HasTargetMask ? 0 : _stepClasses is not null ? TargetSteps : TargetShape[0];

    /// <summary>Whether there is what the decoder reads step by step while it is trained.</summary>
    public bool HasTeacher => _sequence.Teacher is not null;

    /// <summary>The axes of one sample's teacher: [U] tokens, or [U, D] values; none without one.</summary>
    public IReadOnlyList<int> TeacherShape => _sequence.TeacherShape;

    /// <summary>How many numbers a sample's teacher has; 0 without one.</summary>
    public int TeacherLength => HasTeacher ? LengthOf(TeacherShape) : 0;

    /// <summary>How many different tokens a teacher may have; 0 where it is values.</summary>
    public int TeacherVocabularySize => _sequence.TeacherVocabularySize;

    /// <summary>The names of the recurrent states that samples begin with, such as <c>3.h0_l0</c>.</summary>
    public IReadOnlyList<string> InitialStates => [.. _sequence.InitialStates.Select(state => state.Name)];

    /// <summary>H, how many numbers the initial state of that name has.</summary>
    /// <param name="index">Its place in <see cref="InitialStates"/>.</param>
    public int InitialStateLength(int index) => _sequence.InitialStates[index].Length;

    /// <summary>Writes one sample's target classes, one a step.</summary>
    /// <param name="sample">From 0 to <see cref="Count"/> − 1.</param>
    /// <param name="destination">Room for <see cref="TargetSteps"/> numbers.</param>
    /// <exception cref="InvalidOperationException">A target has not a class at every step.</exception>
    public void CopyTargetClasses(int sample, int* destination) =>
        Required(_stepClasses, "a class at every step").Of(Source(sample)).CopyTo(new Span<int>(destination, TargetSteps));

    /// <summary>The target classes of one sample, one a step; valid as long as the data set is.</summary>
    /// <param name="sample">From 0 to <see cref="Count"/> − 1.</param>
    /// <exception cref="InvalidOperationException">A target has not a class at every step.</exception>
    public ReadOnlySpan<int> TargetClasses(int sample) => Required(_stepClasses, "a class at every step").Of(Source(sample));

    /// <summary>Writes a sample's input mask: 1 where a step counts, else 0.</summary>
    /// <param name="sample">From 0 to <see cref="Count"/> − 1.</param>
    /// <param name="destination">Room for T numbers.</param>
    /// <exception cref="InvalidOperationException">There is no such mask.</exception>
    public void CopyInputMask(int sample, float* destination) =>
        CopyInputMaskRun(sample, 0, InputShape[0], destination);

    /// <summary>Writes some steps of a sample's input mask.</summary>
    /// <param name="sample">From 0 to <see cref="Count"/> − 1.</param>
    /// <param name="first">The first step.</param>
    /// <param name="steps">How many.</param>
    /// <param name="destination">Room for as many numbers.</param>
    /// <exception cref="InvalidOperationException">There is no such mask.</exception>
    public void CopyInputMaskRun(int sample, int first, int steps, float* destination) =>
        Required(_sequence.InputMask, "an input mask").CopyRun(Source(sample), InputShape[0], first, steps, destination);

    /// <summary>Writes a sample's target mask: 1 where a step counts, else 0.</summary>
    /// <param name="sample">From 0 to <see cref="Count"/> − 1.</param>
    /// <param name="destination">Room for <see cref="TargetMaskSteps"/> numbers.</param>
    /// <exception cref="InvalidOperationException">There is no such mask.</exception>
    public void CopyTargetMask(int sample, float* destination) =>
        CopyTargetMaskRun(sample, 0, TargetMaskSteps, destination);

    /// <summary>Writes some steps of a sample's target mask.</summary>
    /// <param name="sample">From 0 to <see cref="Count"/> − 1.</param>
    /// <param name="first">The first step.</param>
    /// <param name="steps">How many.</param>
    /// <param name="destination">Room for as many numbers.</param>
    /// <exception cref="InvalidOperationException">There is no such mask.</exception>
    public void CopyTargetMaskRun(int sample, int first, int steps, float* destination) =>
        Required(_sequence.TargetMask, "a target mask").CopyRun(Source(sample), TargetMaskSteps, first, steps, destination);

    /// <summary>Writes a sample's teacher: tokens as floats, or values.</summary>
    /// <param name="sample">From 0 to <see cref="Count"/> − 1.</param>
    /// <param name="destination">Room for <see cref="TeacherLength"/> numbers.</param>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public void CopyTeacher(int sample, float* destination) =>
        Required(_sequence.Teacher, "a teacher").Copy(Source(sample), TeacherLength, destination);

    /// <summary>Writes a recurrent state that a sample begins with.</summary>
    /// <param name="sample">From 0 to <see cref="Count"/> − 1.</param>
    /// <param name="index">Its place in <see cref="InitialStates"/>.</param>
    /// <param name="destination">Room for H numbers.</param>
    public void CopyInitialState(int sample, int index, float* destination) =>
        _sequence.InitialStates[index].Values.Copy(Source(sample), _sequence.InitialStates[index].Length, destination);

    /// <summary>The same samples with tokens from a larger set.</summary>
    internal DataSet WithVocabularySizes(int inputs, int teacher) =>
        new(this, _sequence with { VocabularySize = inputs, TeacherVocabularySize = teacher });

    private DataSet(DataSet whole, SequenceParts sequence)
        : this(whole, whole.Name, whole.InputShape, whole._samples, whole._renumbered, whole.ClassNames)
    {
        _sequence = sequence;
    }

    /// <summary>The same samples with more to them.</summary>
    internal DataSet WithSequence(SequenceParts sequence) => new(this, sequence);

    private T Required<T>(T? part, string what)
        where T : class => part ?? throw new InvalidOperationException($"The samples of {Name} have not {what}.");
}
