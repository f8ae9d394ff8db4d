using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Sampling;
using Lockstep.Engine.Data.Transforms;

namespace Lockstep.Jobs.Planning;

/// <summary>
/// The minibatches that go once through some samples in their order. Sequences that are trained in chunks are evaluated chunk after chunk: those of one minibatch
/// follow one another, and must be computed in this order by whoever computes one of them, since state goes on from each to the next.
/// </summary>
public sealed class EvaluationSchedule
{
    private readonly BatchReader _reader;
    private readonly int _batch;
    private readonly ChunkPlan? _chunks;

    /// <param name="job">Whose samples they are like.</param>
    /// <param name="data">The samples.</param>
    /// <param name="transforms">What is done to each input.</param>
    /// <param name="training">How the training part's sequences are cut; null where they are not.</param>
    internal EvaluationSchedule(Job job, DataSet data, TransformPipeline transforms, ChunkPlan? training)
    {
        _reader = new BatchReader(data, transforms, new EpochOrder(job.Seed, data.Count, shuffle: false));
        _batch = job.Training.Batch;
        _chunks = training is null ? null : training with { Length = data.InputShape[0], Steps = Math.Min(training.Steps, training.LongestWindow) };
        Count = checked((data.Count + _batch - 1) / _batch * (_chunks?.Chunks ?? 1));
    }

    /// <summary>How many minibatches, each chunk being one.</summary>
    public int Count { get; }

    /// <summary>One of them.</summary>
    public Minibatch this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
            int chunks = _chunks?.Chunks ?? 1;
            int first = index / chunks * _batch;
            return new Minibatch(_reader, 0, 0, first, Math.Min(_batch, _reader.Data.Count - first), _chunks?.Evaluation(index % chunks));
        }
    }
}
