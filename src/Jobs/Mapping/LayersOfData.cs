using Lockstep.Engine.Data;
using Lockstep.Engine.Models;
using Lockstep.Engine.Specifications;
using Lockstep.Jobs.Format;

namespace Lockstep.Jobs.Mapping;

/// <summary>What a job's layers take from its data: how many tokens there are, and what a decoder reads.</summary>
public static class LayersOfData
{
    /// <summary>The layers with nothing left open; between those of an encoder and a decoder stands the bridge.</summary>
    /// <param name="job">Resolved.</param>
    /// <param name="training">What it is trained on.</param>
    /// <exception cref="DataException">The data has nothing for the decoder to read.</exception>
    public static IReadOnlyList<LayerSpec> LayerSpecs(this Job job, DataSet training)
    {
        if (job.Model is not EncoderDecoder model)
            return [.. job.LayerSpecs().Select(spec => WithVocabulary(spec, training.VocabularySize))];
        // What a decoder gives it may read next, so it has rows for all classes.
        int read = Math.Max(training.TeacherVocabularySize, training.HasClasses ? training.ClassCount : 0);
        return [.. job.LayerSpecs(DecoderInput(model, training)).Select((spec, index) => WithVocabulary(spec, index < model.Encoder.Count ? training.VocabularySize : read))];
    }

    private static LayerSpec WithVocabulary(LayerSpec spec, int tokens) =>
        spec is EmbeddingSpec { Vocabulary: null } embedding && tokens > 0 ? embedding with { Vocabulary = tokens } : spec;

    private static Shape DecoderInput(EncoderDecoder model, DataSet training)
    {
        if (training.HasTeacher)
            return new Shape([.. training.TeacherShape]);
        if (model.TeacherForcing)
            throw new DataException(training.Name, "Its samples have no teacher, which the decoder reads in training.", "Give the file a tensor 'teacher', or write teacherForcing: false.");
        if (training.HasClasses)
            throw new DataException(training.Name, "Its samples have no teacher, whose first token the decoder reads first.", "Give the file a tensor 'teacher', or use pairs or captions.");
        if (training.TargetShape.Count != 2)
            throw new DataException(training.Name, $"Its targets have the shape [{string.Join(", ", training.TargetShape)}], and a decoder writes a sequence [steps, values].", "Give the file such targets, or write the model as a list of layers.");
        return new Shape([.. training.TargetShape]);
    }
}
