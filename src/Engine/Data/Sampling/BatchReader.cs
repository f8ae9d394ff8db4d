using Lockstep.Engine.Data.Transforms;

namespace Lockstep.Engine.Data.Sampling;

/// <summary>
/// Says which samples stand at a run of positions of an epoch, and copies them into float memory, transformed. It allocates nothing, but for the
/// epoch's order when an epoch begins. Any number of threads may read.
/// </summary>
public sealed unsafe class BatchReader
{
    private readonly DataSet _data;
    private readonly TransformPipeline _transforms;
    private readonly EpochOrder _order;
    private readonly ulong? _augmentationSeed;

    /// <param name="data">The samples.</param>
    /// <param name="transforms">What is done to each input.</param>
    /// <param name="order">Which sample comes when; of as many samples as the data has.</param>
    /// <param name="augmentationSeed">The run's seed where samples are trained on, for live transforms; null where they are evaluated.</param>
    /// <exception cref="ArgumentException">The three do not fit each other.</exception>
    public BatchReader(DataSet data, TransformPipeline transforms, EpochOrder order, ulong? augmentationSeed = null)
    {
        // Of a stream it is windows that are transformed, not whole lanes.
        if (!data.IsStream && !data.InputShape.SequenceEqual(transforms.InputShape))
            throw new ArgumentException($"Transforms for inputs [{string.Join(", ", transforms.InputShape)}] do not fit {data.Name} with [{string.Join(", ", data.InputShape)}].", nameof(transforms));
        if (order.Count != data.Count)
            throw new ArgumentException($"An order of {order.Count} samples does not fit {data.Name} with {data.Count}.", nameof(order));
        _data = data;
        _transforms = transforms;
        _order = order;
        _augmentationSeed = augmentationSeed;
    }

    /// <summary>How many numbers a transformed input has.</summary>
    public int InputLength => _transforms.OutputLength;

    /// <summary>The samples that are read.</summary>
    public DataSet Data => _data;

    /// <summary>The samples at a run of positions of an epoch.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="first">The first position in the epoch.</param>
    /// <param name="samples">Filled with the samples of the positions from <paramref name="first"/> on.</param>
    public void Samples(long epoch, int first, Span<int> samples) => _order.Fill(epoch, first, samples);

    /// <summary>Reads one sample's input, transformed.</summary>
    /// <param name="sample">Which.</param>
    /// <param name="epoch">From 0.</param>
    /// <param name="input">Room for <see cref="TransformPipeline.OutputLength"/> numbers.</param>
    public void Read(int sample, long epoch, float* input) => _transforms.Read(_data, sample, input, VisitOf(epoch, sample));

    private SampleVisit VisitOf(long epoch, int sample) =>
        _augmentationSeed is { } seed ? new SampleVisit(seed, epoch, sample, IsTraining: true) : SampleVisit.Evaluation;
}
