using Lockstep.Cli.Exits;
using Lockstep.Coordinator.Checkpoints;

namespace Lockstep.Cli.Runs;

/// <summary>What <c>--weights</c> names.</summary>
internal static class SavedWeights
{
    /// <summary>The file of weights: a file itself, a checkpoint's, or that of a run's newest checkpoint. A damaged one is refused rather than passed over: which weights a run begins with decides its result.</summary>
    /// <param name="path">A file, a checkpoint's folder or a run directory.</param>
    /// <exception cref="InputException">The folder is neither.</exception>
    /// <exception cref="CheckpointException">The checkpoint is damaged.</exception>
    public static string File(string path)
    {
        if (!Directory.Exists(path))
            return path;
        string checkpoints = Path.Combine(path, CheckpointFiles.Folder);
        string? checkpoint = System.IO.File.Exists(Path.Combine(path, CheckpointFiles.State))
            ? path
            : !Directory.Exists(checkpoints) ? null : Directory.EnumerateDirectories(checkpoints).Where(folder => CheckpointFiles.StepOf(folder) is not null).MaxBy(CheckpointFiles.StepOf);
        return checkpoint is null
            ? throw new InputException($"--weights {path}: this folder is neither a checkpoint nor a run with one. Give a .safetensors file, a checkpoint's folder or a run directory.")
            : Path.Combine(Checkpoint.Verify(checkpoint).Path, CheckpointFiles.Model);
    }
}
