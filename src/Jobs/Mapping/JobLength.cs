using Lockstep.Jobs.Format;

namespace Lockstep.Jobs.Mapping;

/// <summary>How long a job trains, in steps, once the number of training samples is known.</summary>
public static class JobLength
{
    /// <summary>⌈samples/batch⌉, or ⌊samples/batch⌋ where the smaller last minibatch is dropped. 0 where no minibatch is full and the rest is dropped.</summary>
    public static long MinibatchesPerEpoch(this Job job, int trainingSamples) => job.Training.LastBatch == LastBatch.Drop
        ? trainingSamples / job.Training.Batch
        : ((long)trainingSamples + job.Training.Batch - 1) / job.Training.Batch;

    /// <summary>All steps of the job.</summary>
    /// <param name="job">Resolved.</param>
    /// <param name="stepsPerEpoch">Minibatches of an epoch, times the chunks that each is trained in.</param>
    public static long TotalSteps(this Job job, long stepsPerEpoch) => job.Training.Steps ?? checked(job.Training.Epochs!.Value * stepsPerEpoch);
}
