using Lockstep.Engine.Data.Text;

namespace Lockstep.Engine.Data;

/// <summary>Whether what a model is judged by looks like what it is trained on.</summary>
internal static class PartsCheck
{
    /// <exception cref="DataException">The parts have inputs, targets or what goes with them of different kinds or shapes.</exception>
    public static void RequireSameKind(DataSet training, DataSet validation)
    {
        // Lanes of two streams differ in length: a stream is as long as it is.
        bool streams = training.IsStream && validation.IsStream;
        if (!streams && !training.InputShape.SequenceEqual(validation.InputShape))
            throw Fault("inputs", Text(validation.InputShape), Text(training.InputShape), "Validate on samples of the same shape.");
        if (training.InputsAreTokens != validation.InputsAreTokens)
            throw Fault("inputs", Tokens(validation.InputsAreTokens), Tokens(training.InputsAreTokens), "Validate on inputs of the same kind.");
        if (training.HasClasses != validation.HasClasses || !training.TargetShape.SequenceEqual(validation.TargetShape) || (!streams && training.TargetSteps != validation.TargetSteps))
            throw new DataException(validation.Name, $"Its targets are {Targets(validation)}, those of {training.Name} are {Targets(training)}.", "Validate on targets of the same kind.");
        if (!training.TeacherShape.SequenceEqual(validation.TeacherShape) || (training.TeacherVocabularySize == 0) != (validation.TeacherVocabularySize == 0))
            throw Fault("teachers", Text(validation.TeacherShape), Text(training.TeacherShape), "Validate on samples with a teacher of the same kind.");
        if ((validation.HasInputMask && !training.HasInputMask) || (validation.HasTargetMask && !training.HasTargetMask))
            throw new DataException(validation.Name, $"It has a mask that {training.Name} has not.", "Give both parts the same masks; ones where all steps are there.");
        if (!SameTexts(training.Vocabulary, validation.Vocabulary) || !SameTexts(training.TargetVocabulary, validation.TargetVocabulary))
            throw new DataException(validation.Name, $"Its tokens are not those of {training.Name}.", "Validate on text with the same vocabulary.");
        if (!training.InitialStates.SequenceEqual(validation.InitialStates))
            throw Fault("initial states", string.Join(", ", validation.InitialStates), string.Join(", ", training.InitialStates), "Give both parts the same initial states.");
        for (int i = 0; i < training.InitialStates.Count; i++)
        {
            if (training.InitialStateLength(i) != validation.InitialStateLength(i))
                throw Fault($"initial states {training.InitialStates[i]}", $"{validation.InitialStateLength(i)}", $"{training.InitialStateLength(i)}", "Give both parts the same initial states.");
        }

        DataException Fault(string what, string there, string here, string mend) =>
            new(validation.Name, $"Its {what} have the shape {there}, those of {training.Name} have {here}.", mend);
    }

    private static bool SameTexts(Vocabulary? left, Vocabulary? right) => ReferenceEquals(left, right) || (left is not null && right is not null && left.Equals(right));

    private static string Targets(DataSet data) => data.TargetSteps > 0 ? $"{data.TargetSteps} classes a sample out of {data.ClassCount}"
        : data.HasClasses ? $"{data.ClassCount} classes"
        : $"values of shape {Text(data.TargetShape)}";

    private static string Tokens(bool are) => are ? "[T] of tokens" : "of values";

    private static string Text(IReadOnlyList<int> shape) => $"[{string.Join(", ", shape)}]";
}
