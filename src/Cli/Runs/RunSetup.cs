using Lockstep.Cli.Addresses;
using Lockstep.Cli.Doctor;
using Lockstep.Cli.Exits;
using Lockstep.Coordinator.Running;
using Lockstep.Jobs;
using Lockstep.Transport.Joining;
using Lockstep.Transport.Security;

namespace Lockstep.Cli.Runs;

/// <summary>Turns a request into what the coordinator needs, or refuses it before anything is started or written.</summary>
public static class RunSetup
{
    /// <summary>Checks the request and reads the job.</summary>
    /// <exception cref="InputException">The request contradicts itself or names what is not there.</exception>
    /// <exception cref="JobFaultException">The job has faults.</exception>
    public static CoordinatorOptions Prepare(RunRequest request)
    {
        RequireAddress(request.Listen);
        JoinToken token = request.Token ?? JoinToken.Generate();
        PlaneIdentity? identity = request.Security.Identity(request.Listen.IsLoopback, token);
        if (request.DataRoot is not null && !Directory.Exists(request.DataRoot))
            throw new InputException($"--data-root {request.DataRoot}: there is no such folder. Check the path.");
        string? resumeFrom = request.ResumeFrom is null ? null : RunDirectories.Existing(request.ResumeFrom);
        if (request.Overrides.Weights is { } weights)
            request = request with { Overrides = request.Overrides with { Weights = SavedWeights.File(weights) } };
        (Job job, JobSource source) = ReadJob(request, resumeFrom);
        if (request.Resume && resumeFrom is null)
            resumeFrom = RunDirectories.Newest(request.Output, job.Name);
        return new CoordinatorOptions
        {
            Job = job,
            Source = source,
            OutputDirectory = request.Output,
            ResumeFrom = resumeFrom,
            ListenHost = request.Listen.Host,
            ListenPort = request.Listen.Port,
            DataSocket = request.DataSocket,
            WorkersMinimum = request.WorkersMinimum,
            Token = token,
            Identity = identity,
            BuildFingerprint = BuildFingerprint.Current,
        };
    }

    /// <summary>Checks where a coordinator, or a standby, is to listen.</summary>
    /// <exception cref="InputException">Nobody could reach it there.</exception>
    public static void RequireAddress(HostPort listen)
    {
        if (listen.IsWildcard)
            throw new InputException($"Workers are told where the coordinator listens, and {listen.Host} means nothing to them. Give the name or address by which they reach this machine: --listen HOST:{listen.Port}");
    }

    private static (Job Job, JobSource Source) ReadJob(RunRequest request, string? resumeFrom)
    {
        if (request.JobFile is { } file)
        {
            return request.DataRoot is { } root
                ? Read(file, request.Overrides, JobSource.OfFolder(root))
                : Read(file, request.Overrides, JobSource.OfJobFile(file));
        }

        if (resumeFrom is null)
            throw new InputException("There is no job to train. Give a job file: lockstep train JOB.yaml");
        // The resolved job keeps its paths as they were written; the run directory is not where they start.
        return Read(Path.Combine(resumeFrom, RunDirectories.JobFileName), request.Overrides, JobSource.OfFolder(request.DataRoot ?? "."));
    }

    private static (Job Job, JobSource Source) Read(string file, JobOverrides overrides, JobSource source)
    {
        if (Directory.Exists(file))
            throw new InputException($"{file} is a folder. Give a job file, for instance {Path.Combine(file, "job.yaml")}");
        if (!File.Exists(file))
            throw new InputException($"{file}: there is no such job file. Check the path.");
        return (JobFile.Read(file, overrides, source), source);
    }
}
