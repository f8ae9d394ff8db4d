using Lockstep.Engine.Data.Transforms;

namespace Lockstep.Engine.Data.Sampling;

/// <summary>
/// Copies the samples at a run of positions of an epoch into float memory, transformed. It allocates nothing, but for the
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
        if (!data.InputShape.SequenceEqual(transforms.InputShape))
            throw new ArgumentException($"Transforms for inputs [{string.Join(", ", transforms.InputShape)}] do not fit {data.Name} with [{string.Join(", ", data.InputShape)}].", nameof(transforms));
        if (order.Count != data.Count)
            throw new ArgumentException($"An order of {order.Count} samples does not fit {data.Name} with {data.Count}.", nameof(order));
        _data = data;
        _transforms = transforms;
        _order = order;
        _augmentationSeed = augmentationSeed;
    }

    /// <summary>The samples that are read.</summary>
    public DataSet Data => _data;

    /// <summary>Reads samples whose targets are classes.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="first">The first position in the epoch.</param>
    /// <param name="count">N, how many positions.</param>
    /// <param name="inputs">[N, D] with D = <see cref="TransformPipeline.OutputLength"/>.</param>
    /// <param name="classes">[N].</param>
    public void ReadClasses(long epoch, int first, int count, float* inputs, int* classes) => Read(epoch, first, count, inputs, classes, null);

    /// <summary>Reads samples whose targets are values.</summary>
    /// <param name="epoch">From 0.</param>
    /// <param name="first">The first position in the epoch.</param>
    /// <param name="count">N, how many positions.</param>
    /// <param name="inputs">[N, D] with D = <see cref="TransformPipeline.OutputLength"/>.</param>
    /// <param name="values">[N, K] with K = <see cref="DataSet.TargetLength"/>.</param>
    public void ReadValues(long epoch, int first, int count, float* inputs, float* values) => Read(epoch, first, count, inputs, null, values);

    private void Read(long epoch, int first, int count, float* inputs, int* classes, float* values)
    {
        const int Run = 128;
        Span<int> samples = stackalloc int[Run];
        for (int done = 0; done < count; done += Run)
        {
            Span<int> run = samples[..Math.Min(Run, count - done)];
            _order.Fill(epoch, first + done, run);
            for (int i = 0; i < run.Length; i++)
            {
                int row = done + i;
                _transforms.Read(_data, run[i], inputs + (long)row * _transforms.OutputLength, VisitOf(epoch, run[i]));
                if (classes is not null)
                    classes[row] = _data.ClassOf(run[i]);
                if (values is not null)
                    _data.CopyTarget(run[i], values + (long)row * _data.TargetLength);
            }
        }
    }

    private SampleVisit VisitOf(long epoch, int sample) =>
        _augmentationSeed is { } seed ? new SampleVisit(seed, epoch, sample, IsTraining: true) : SampleVisit.Evaluation;
}
