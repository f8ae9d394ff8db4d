using Lockstep.Coordinator.Parameters;
using Lockstep.Engine.Memory;
using Lockstep.Engine.Parameters;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;
using Lockstep.Protocol;

namespace Lockstep.Coordinator.Checkpoints;

/// <summary>What a run starts from: first values, saved weights, or a checkpoint.</summary>
public static class Starting
{
    /// <summary>The parameters and the optimizer's state that a run starts or goes on from.</summary>
    /// <param name="plan">What is trained.</param>
    /// <param name="checkpoint">The checkpoint to go on from; null to begin.</param>
    /// <param name="files">Where the file of a job's saved weights is.</param>
    public static StartingPoint Point(TrainingPlan plan, Checkpoint? checkpoint, JobSource files)
    {
        ParameterLayout layout = plan.Network.Layout;
        FloatBuffer[] state = [.. plan.Rule.StateNames.Select(_ => new FloatBuffer(layout.Length))];
        if (checkpoint is null)
            return new StartingPoint(0, InitialParameters.Of(plan, files), state);
        var parameters = new FloatBuffer(layout.Length);
        checkpoint.ReadModel(layout, parameters);
        checkpoint.ReadCarried(layout, parameters);
        foreach ((string name, FloatBuffer buffer) in plan.Rule.StateNames.Zip(state))
            checkpoint.ReadOptimizerState(name, layout, buffer);
        return new StartingPoint(checkpoint.State.Step, parameters, state);
    }

    /// <summary>Makes sure that going on from a checkpoint gives what the run would have given.</summary>
    /// <exception cref="CheckpointException">It would not, and why.</exception>
    public static void RequireSame(Checkpoint checkpoint, Job job, TrainingPlan plan)
    {
        if (!Safety.Holds(SafetyRule.ResumeSameOnly))
            return;
        CheckpointState state = checkpoint.State;
        if (state.JobSha256 != JobText.Hash(job))
            throw new CheckpointException(checkpoint.Path, "It was written by another job: the job file, or what --set changes in it, is not the same.", "Resume with the job that the run was begun with (job.yaml in its folder), or begin a new run.");
        if (state.DataFingerprint != plan.Data.Fingerprint)
            throw new CheckpointException(checkpoint.Path, $"It was trained on other data: fingerprint {state.DataFingerprint}, here {plan.Data.Fingerprint}.", "Restore the data, or begin a new run.");
        if (state.NumericContract != ProtocolVersion.NumericContract)
            throw new CheckpointException(checkpoint.Path, $"It was computed by numeric contract {state.NumericContract}; this build computes by {ProtocolVersion.NumericContract}.", "Resume with the build that began the run.");
    }
}
