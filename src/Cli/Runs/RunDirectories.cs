using Lockstep.Cli.Exits;

namespace Lockstep.Cli.Runs;

/// <summary>Finds what earlier runs left behind.</summary>
public static class RunDirectories
{
    /// <summary>The resolved job inside a run directory.</summary>
    public const string JobFileName = "job.yaml";

    /// <summary>Checks that a folder is a run directory.</summary>
    /// <exception cref="InputException">It is none.</exception>
    public static string Existing(string directory)
    {
        if (!Directory.Exists(directory))
            throw new InputException($"--resume {directory}: there is no such folder. Give a run directory, for instance one of those in {SharedDefault}/");
        if (!File.Exists(Path.Combine(directory, JobFileName)))
            throw new InputException($"--resume {directory}: this is no run directory, since it has no {JobFileName}. Give the folder above checkpoints/.");
        return directory;
    }

    /// <summary>The newest run of a job that has a checkpoint: <c>name-time</c>, the names' order being the times'.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static string Newest(string output, string jobName)
    {
        string? newest = Directory.Exists(output)
            ? Directory.EnumerateDirectories(output, jobName + "-*")
                .Where(directory => IsRunOf(directory, jobName) && HasCheckpoint(directory))
                .MaxBy(directory => Path.GetFileName(directory), StringComparer.Ordinal)
            : null;
        return newest ?? throw new InputException(
            $"--resume: there is no run of '{jobName}' with a checkpoint in {output}. Name its directory (--resume RUNDIR), or start anew without --resume.");
    }

    private const string SharedDefault = Commands.SharedOptions.DefaultOutput;

    // A job called "mnist" must not take up the runs of one called "mnist-mlp": what follows its name begins with a digit.
    private static bool IsRunOf(string directory, string jobName) =>
        Path.GetFileName(directory) is { } name && name.Length > jobName.Length + 1 && char.IsAsciiDigit(name[jobName.Length + 1])
        && File.Exists(Path.Combine(directory, JobFileName));

    private static bool HasCheckpoint(string directory) =>
        Path.Combine(directory, "checkpoints") is { } folder && Directory.Exists(folder) && Directory.EnumerateDirectories(folder, "step-*").Any();
}
