using Lockstep.Engine.Data;

namespace Lockstep.Jobs.Planning;

/// <summary>Whether a job's sequences are trained in chunks.</summary>
internal static class SequenceChunks
{
    /// <summary>How samples like these are cut; null where they are trained as a whole.</summary>
    /// <exception cref="DataException">They are lanes of a text, and the job does not say how long a chunk is.</exception>
    public static ChunkPlan? Of(Job job, DataSet data)
    {
        if (job.Training.TruncatedBptt is not { } chunks)
        {
            return data.IsStream
                ? throw new DataException(data.Name, "A text is trained in chunks, and the job does not say how long they are.", "Give training.truncatedBptt, { steps: 64 } for instance.")
                : null;
        }
        bool isSequence = data.InputsAreTokens || data.InputShape.Count == 2;
        if (!isSequence)
            throw new DataException(data.Name, $"truncatedBptt is for sequences, and its inputs have the shape [{string.Join(", ", data.InputShape)}].", "Leave training.truncatedBptt out.");
        return data.IsStream || data.InputShape[0] > chunks.Steps ? new ChunkPlan(data.InputShape[0], chunks.Steps, Math.Max(chunks.Steps, chunks.Backward)) : null;
    }
}
