using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Named;
using Lockstep.Engine.Data.Sampling;
using Lockstep.Engine.Data.Transforms;
using Lockstep.Engine.Models;
using Lockstep.Engine.Optimization;
using Lockstep.Engine.Specifications;
using Lockstep.Engine.Threading;
using Lockstep.Jobs.Format;
using Lockstep.Jobs.Mapping;

namespace Lockstep.Jobs.Planning;

/// <summary>
/// A job together with its data: what every step consists of. A function of the two alone, so the coordinator and all
/// workers have the same plan and need not tell each other what comes next.
/// </summary>
public sealed class TrainingPlan
{
    private readonly BatchReader _training;
    private readonly EvaluationSchedule? _evaluation;

    private TrainingPlan(Job job, DataParts data, TransformPipeline transforms)
    {
        Job = job;
        Data = data;
        Transforms = transforms;
        _training = new BatchReader(data.Training, transforms, new EpochOrder(job.Seed, data.Training.Count, job.Data.Shuffle), job.Seed);
        Chunks = SequenceChunks.Of(job, data.Training);
        _evaluation = data.Validation is { } validation ? ScheduleOf(validation) : null;
        StepsPerEpoch = checked(job.MinibatchesPerEpoch(data.Training.Count) * (Chunks?.Chunks ?? 1));
        if (StepsPerEpoch == 0)
            throw new DataException(data.Training.Name, $"Its {data.Training.Count} samples fill no minibatch of {job.Training.Batch}.", "Use a smaller training.batch, or lastBatch: keep.");
        TotalSteps = job.TotalSteps(StepsPerEpoch);
        Loss = job.LossSpec();
        Metrics = job.MetricKinds();
        Network = Network.Build(job.LayerSpecs(data.Training), InputShape(), Chunks is null ? 0 : job.Training.Batch);
        Rule = new UpdateRule(Network.Layout, job.UpdateSpec(StepsPerEpoch));
        Sums = new StepSums(Loss, Metrics, DiagnosticsOf(job, Network));
        if (Metrics.Contains(MetricKind.ExactMatch))
            Network.RequireFreeRun();
        SuitableData.Require(this);
    }

    public Job Job { get; }

    /// <summary>The samples.</summary>
    public DataParts Data { get; }

    /// <summary>What is done to each input, with the statistics of the training part.</summary>
    public TransformPipeline Transforms { get; }

    public Network Network { get; }

    public LossSpec Loss { get; }

    /// <summary>What is reported beside the loss.</summary>
    public IReadOnlyList<MetricKind> Metrics { get; }

    public UpdateRule Rule { get; }

    /// <summary>The sums that travel beside a gradient.</summary>
    public StepSums Sums { get; }

    /// <summary>Leaves of the sum tree.</summary>
    public int Shards => Job.Training.Shards;

    /// <summary>Steps of an epoch: its minibatches, times the chunks that each is trained in.</summary>
    public long StepsPerEpoch { get; }

    /// <summary>How sequences are trained in chunks; null where samples are trained as a whole.</summary>
    public ChunkPlan? Chunks { get; }

    /// <summary>Updates of the whole run.</summary>
    public long TotalSteps { get; }

    /// <summary>Whether a step whose gradient or update is not finite is left out instead of ending the run.</summary>
    public bool SkipsNonFinite => Job.Training.OnNonFinite == OnNonFinite.Skip;

    /// <summary>Minibatches of the validation part; 0 where there is none.</summary>
    public int EvaluationMinibatches => _evaluation?.Count ?? 0;

    /// <summary>Reads the data, fits the transforms, and puts the model together.</summary>
    /// <exception cref="DataException">The data is missing or wrong, or does not suit the job.</exception>
    /// <exception cref="FileNotFoundException">A file that the job names is nowhere.</exception>
    /// <exception cref="ShapeException">The model does not suit the data.</exception>
    public static TrainingPlan Create(Job job, JobSource files)
    {
        DataSpec spec = job.DataSpec(files);
        DataParts data = DataSets.Load(spec, DataFolders.FromEnvironment());
        return new TrainingPlan(job, data, TransformPipeline.Fit(spec.Transforms, data.Training, WindowOfStream(job, data.Training)));
    }

    /// <summary>The same with statistics that were fitted before: the coordinator's, or a checkpoint's.</summary>
    /// <param name="job">The job.</param>
    /// <param name="files">Where its files are.</param>
    /// <param name="statistics">What <see cref="FittedStatistics"/> wrote.</param>
    public static TrainingPlan Create(Job job, JobSource files, byte[] statistics)
    {
        if (statistics.Length == 0)
            return Create(job, files);
        DataSpec spec = job.DataSpec(files);
        DataParts data = DataSets.Load(spec, DataFolders.FromEnvironment());
        IReadOnlyList<int> inputShape = WindowOfStream(job, data.Training) is { } window ? [window] : data.Training.InputShape;
        return new TrainingPlan(job, data, FittedStatistics.Restore(spec.Transforms, inputShape, statistics));
    }

    /// <summary>The samples of a training step.</summary>
    public Minibatch MinibatchAt(long step)
    {
        long epoch = step / StepsPerEpoch;
        int chunks = Chunks?.Chunks ?? 1, within = checked((int)(step % StepsPerEpoch));
        int first = checked(within / chunks * Job.Training.Batch);
        return new Minibatch(_training, epoch, step, first, Math.Min(Job.Training.Batch, _training.Data.Count - first), Chunks?.Training(within % chunks));
    }

    /// <summary>One minibatch of the validation part, in the order of <see cref="EvaluationSchedule"/>.</summary>
    public Minibatch EvaluationMinibatch(int index) => (_evaluation ?? throw new InvalidOperationException("The job has no validation part."))[index];

    /// <summary>The minibatches in which samples like those of this plan are evaluated.</summary>
    public EvaluationSchedule ScheduleOf(DataSet data) => new(Job, data, Transforms, Chunks);

    /// <summary>Whether there is a minibatch to train on after so many steps.</summary>
    public bool TrainsAt(long step) => step < TotalSteps;

    /// <summary>Whether the validation part is evaluated with the parameters after so many steps; at the end always.</summary>
    public bool EvaluatesAt(long step) => EvaluationMinibatches > 0 && step > 0 && (step == TotalSteps || IsDue(step));

    /// <summary>Whether the state after so many steps is saved; at the end it always is.</summary>
    public bool ChecksPointAt(long step) => step % Job.Checkpoint.EverySteps == 0;

    /// <summary>Whether a training step is one of those that are shown in detail.</summary>
    public bool DiagnosesAt(long step) => Job.Diagnostics is { } diagnostics && step % diagnostics.EverySteps == 0;

    /// <summary>An engine for this plan with memory for a whole minibatch.</summary>
    /// <param name="crew">Threads to compute with; they stay the caller's.</param>
    public Replica CreateReplica(ComputeCrew crew) => new(Network, Loss, Metrics, Job.Training.Batch, crew, Sums.Diagnostics);

    private static DiagnosticSlots DiagnosticsOf(Job job, Network network)
    {
        try
        {
            return new DiagnosticSlots(network, job.DiagnosticKinds());
        }
        catch (ArgumentException exception)
        {
            throw new DataException("diagnostics.show", exception.Message, "Leave deadRelus out, for instance.", exception);
        }
    }

    // A lane of a stream is endless for what it is: the transforms see as much of it as a pass does.
    private static int? WindowOfStream(Job job, DataSet training) =>
        training.IsStream && SequenceChunks.Of(job, training) is { } chunks ? chunks.LongestWindow : null;

    private Shape InputShape()
    {
        int[] shape = [.. Transforms.OutputShape];
        if (Chunks is not null)
            shape[0] = Chunks.LongestWindow;
        return new Shape(shape);
    }

    private bool IsDue(long step) => Job.Evaluation switch
    {
        { EveryEpochs: { } epochs } => step % checked(epochs * StepsPerEpoch) == 0,
        { EverySteps: { } steps } => step % steps == 0,
        _ => false,
    };
}
