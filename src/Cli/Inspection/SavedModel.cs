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
    private SavedModel(Checkpoint checkpoint, TrainingPlan plan, FloatBuffer parameters) =>
        (Checkpoint, Plan, Parameters) = (checkpoint, plan, parameters);

    /// <summary>Where it is from.</summary>
    public Checkpoint Checkpoint { get; }

    /// <summary>The job and its data, transforms as they were fitted in training.</summary>
    public TrainingPlan Plan { get; }

    /// <summary>The parameters as the layout places them.</summary>
    public FloatBuffer Parameters { get; }

    /// <summary>Opens and verifies a checkpoint.</summary>
    /// <param name="path">A checkpoint's folder, or a run directory.</param>
    /// <param name="overrides">What the command line changes in the job.</param>
    /// <param name="dataRoot">Where the job's relative paths start; null for the current folder.</param>
    /// <param name="warn">Told of damaged checkpoints that were passed over.</param>
    /// <exception cref="CheckpointException">There is no sound checkpoint, or it is of another model.</exception>
    /// <exception cref="JobFaultException">The changed job has faults.</exception>
    public static SavedModel Open(string path, JobOverrides overrides, string? dataRoot, Action<string> warn)
    {
        if (!Directory.Exists(path))
            throw new InputException($"{path}: there is no such folder. Give a checkpoint (runs/…/checkpoints/step-…) or a run directory.");
        var checkpoint = Checkpoint.Open(path, warn);
        JobSource source = JobSource.OfFolder(dataRoot ?? ".");
        Job job = JobFile.Parse(
            Encoding.UTF8.GetString(checkpoint.Job), Path.Combine(checkpoint.Path, CheckpointFiles.Job), overrides, source);
        var plan = TrainingPlan.Create(job, source, checkpoint.Statistics);
        var parameters = new FloatBuffer(plan.Network.Layout.Length);
        try
        {
            checkpoint.ReadModel(plan.Network.Layout, parameters);
            return new SavedModel(checkpoint, plan, parameters);
        }
        catch
        {
            parameters.Dispose();
            throw;
        }
    }

    public void Dispose() => Parameters.Dispose();
}
