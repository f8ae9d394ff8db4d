using Lockstep.Cli.Exits;
using Lockstep.Engine.Data;
using Lockstep.Jobs.Planning;

namespace Lockstep.Cli.Inspection;

/// <summary>Which samples a model is evaluated on.</summary>
internal static class EvaluationData
{
    public const string Validation = "validation";
    public const string Training = "training";

    /// <summary>Finds them.</summary>
    /// <param name="plan">The model's job with its data.</param>
    /// <param name="choice"><c>validation</c>, <c>training</c>, a .safetensors file, or <c>IMAGES,LABELS</c> in the IDX format.</param>
    /// <exception cref="DataException">The data is missing, or does not suit the model.</exception>
    public static DataSet Choose(TrainingPlan plan, string choice) => choice switch
    {
        Validation => plan.Data.Validation ?? throw new InputException(
            "The job has no validation part. Evaluate on other samples: --data training, or --data FILE.safetensors"),
        Training => plan.Data.Training,
        _ => Suitable(plan, Read(choice)),
    };

    private static DataSet Read(string choice)
    {
        string[] files = choice.Split(',');
        return files switch
        {
            [var tensors] when tensors.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) => DataSets.Tensors(tensors),
            [var images, var labels] => DataSets.Idx(images, labels),
            _ => throw new InputException(
                $"--data {choice}: this names no samples. Write validation, training, FILE.safetensors, or IMAGES,LABELS (two IDX files)."),
        };
    }

    private static DataSet Suitable(TrainingPlan plan, DataSet data)
    {
        DataSet known = plan.Data.Training;
        if (!data.InputShape.SequenceEqual(known.InputShape))
        {
            throw new DataException(
                data.Name, $"Its inputs have the shape [{string.Join(", ", data.InputShape)}], but the model takes [{string.Join(", ", known.InputShape)}].",
                "Evaluate on samples of the same shape.");
        }

        if (data.HasClasses != known.HasClasses || data.ClassCount > known.ClassCount || !data.TargetShape.SequenceEqual(known.TargetShape))
            throw new DataException(data.Name, "Its targets are not those that the model was trained for.", "Evaluate on samples with targets of the same kind.");
        RequireSameSequences(known, data);
        return data;
    }

    // What goes with a sequence has its place where the model has one for it; without a mask all steps are there.
    private static void RequireSameSequences(DataSet known, DataSet data)
    {
        if (known.IsStream)
            throw new DataException(data.Name, "The model is one of a text, and these samples are no lanes of one.", "Evaluate on validation or training.");
        (string What, bool Same)[] parts =
        [
            ("a class at each step, or one a sample", data.TargetSteps == known.TargetSteps),
            ("tokens or values as inputs", data.InputsAreTokens == known.InputsAreTokens && data.VocabularySize <= known.VocabularySize),
            ("'mask'", known.HasInputMask || !data.HasInputMask),
            ("'targetMask'", known.HasTargetMask || !data.HasTargetMask),
            ("'teacher'", data.TeacherShape.SequenceEqual(known.TeacherShape) && data.TeacherVocabularySize <= known.TeacherVocabularySize && (data.TeacherVocabularySize > 0) == (known.TeacherVocabularySize > 0)),
            ("initial states", data.InitialStates.SequenceEqual(known.InitialStates) && Enumerable.Range(0, data.InitialStates.Count).All(i => data.InitialStateLength(i) == known.InitialStateLength(i))),
        ];
        foreach ((string what, bool same) in parts)
        {
            if (!same)
                throw new DataException(data.Name, $"It differs from what the model was trained on in this: {what}.", "Evaluate on samples that have the same tensors, of the same shapes, with no token that training did not have.");
        }
    }
}
