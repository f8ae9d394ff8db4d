using System.Text;
using Lockstep.Cli.Exits;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Engine.Memory;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;

namespace Lockstep.Cli.Inspection;

/// <summary>A model out of a checkpoint, with the job that it was trained with.</summary>
internal sealed class SavedModel : IDisposable
{
    private SavedModel(Checkpoint checkpoint, JobSource source, TrainingPlan plan, FloatBuffer parameters) =>
        (Checkpoint, Source, Plan, Parameters) = (checkpoint, source, plan, parameters);

    /// <summary>Where it is from.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>Where the job's files are.</summary>
    public JobSource Source { get; }

    /// <summary>The job and its data, transforms as they were fitted in training.</summary>
    public TrainingPlan Plan { get; }

    /// <summary>The parameters as the layout places them.</summary>
    public FloatBuffer Parameters { get; }

    /// <summary>Opens and verifies a checkpoint.</summary>
    /// <param name="path">A checkpoint's folder, or a run directory.</param>
    /// <param name="overrides">What the command line changes in the job.</param>
    /// <param name="dataRoot">Where the job's relative paths start; null for the current folder.</param>
    /// <param name="warn">Told of damaged checkpoints that were passed over.</param>
    /// <exception cref="InputException">There is no such folder, or the data of the job is not here.</exception>
    /// <exception cref="CheckpointException">There is no sound checkpoint, or it is of another model.</exception>
    /// <exception cref="JobFaultException">The changed job has faults.</exception>
    public static SavedModel Open(string path, JobOverrides overrides, string? dataRoot, Action<string> warn)
    {
        if (!Directory.Exists(path))
            throw new InputException($"{path}: there is no such folder. Give a checkpoint (runs/…/checkpoints/step-…) or a run directory.");
        var checkpoint = Checkpoint.Open(path, warn);
        JobSource source = JobSource.OfFolder(dataRoot ?? ".");
        // Whether its files are there is not asked yet: of those for training alone, such as weights to start from, there is no need.
        Job job = JobFile.Parse(Encoding.UTF8.GetString(checkpoint.Job), Path.Combine(checkpoint.Path, CheckpointFiles.Job), overrides);
        TrainingPlan plan = Planned(checkpoint, job, source);
        var parameters = new FloatBuffer(plan.Network.Layout.Length);
        try
        {
            checkpoint.ReadModel(plan.Network.Layout, parameters);
            return new SavedModel(checkpoint, source, plan, parameters);
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    // The plan is made anew from the data, which a checkpoint does not hold.
    private static TrainingPlan Planned(Checkpoint checkpoint, Job job, JobSource source)
    {
        try
        {
            return TrainingPlan.Create(job, source, checkpoint.Statistics);
        }
        catch (FileNotFoundException missing)
        {
            throw new InputException(
                $"The data that the model was trained on is needed, and it is not here: {missing.Message} Or give the folder that the job's paths start from: --data-root DIR");
        }
    }

    public void Dispose() => Parameters.Dispose();
}
