using Lockstep.Cluster.Tests.Harness;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;

namespace Lockstep.Coordinator.Tests.Nets;

/// <summary>The plan of one of the harness's jobs, whose files lie in a folder of their own until it is disposed of.</summary>
internal sealed class NetPlan : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-net-").FullName;

    public NetPlan(TestJob job)
    {
        job.MakeFiles?.Invoke(_folder);
        Files = JobSource.OfFolder(_folder);
        Plan = TrainingPlan.Create(JobFile.Parse(job.Yaml, "job.yaml", files: Files), Files);
    }

    public TrainingPlan Plan { get; }

    public JobSource Files { get; }

    /// <summary>A folder for checkpoints.</summary>
    public string Run => Path.Combine(_folder, "run");

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
