using Lockstep.Jobs.Planning;

namespace Lockstep.Benchmarks.Workload;

/// <summary>A folder of job files and the data that they name, which goes when it is disposed of.</summary>
internal sealed class WorkFolder : IDisposable
{
    private const int TextLength = (64 * 64 * 200) + 1;
    private const int SmallTextLength = (8 * 8 * 100) + 1;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lockstep-benchmarks-work-");
    private readonly MnistFiles? _mnist;

    /// <param name="jobs">What is measured.</param>
    /// <param name="small">Whether little data will do, as for a smoke test.</param>
    public WorkFolder(IReadOnlyList<BenchmarkJob> jobs, bool small = false)
    {
        foreach (BenchmarkJob job in jobs)
            File.Copy(Path.Combine(AppContext.BaseDirectory, "Workload", job.Name + ".yaml"), JobFile(job));
        foreach (WorkloadData data in jobs.Select(job => job.Data).Distinct())
        {
            switch (data)
            {
                case WorkloadData.Mnist:
                    _mnist = MnistFiles.Find(evenIfPresent: small);
                    break;
                case WorkloadData.SmallNoise:
                    SyntheticData.WriteNoise(Path.Combine(_folder.FullName, "noise-32.safetensors"), small ? 16 : 4 * 64, 32, classes: 10);
                    break;
                case WorkloadData.LargeNoise:
                    SyntheticData.WriteNoise(Path.Combine(_folder.FullName, "noise-227.safetensors"), small ? 4 : 4 * 16, 227, classes: 1000);
                    break;
                default:
                    SyntheticData.WriteText(Path.Combine(_folder.FullName, "text.txt"), small ? SmallTextLength : TextLength);
                    break;
            }
        }
    }

    /// <summary>A job's file, beside the data that it names.</summary>
    public string JobFile(BenchmarkJob job) => Path.Combine(_folder.FullName, job.Name + ".yaml");

    /// <summary>Where a job's weights and minibatches go for other programs.</summary>
    public string SharedFile(BenchmarkJob job) => Path.Combine(_folder.FullName, job.Name + ".shared.safetensors");

    /// <summary>What a job trains and on what, for the head of a report.</summary>
    public string Describe(BenchmarkJob job, TrainingPlan plan)
    {
        string data = job.Data switch
        {
            WorkloadData.Mnist => _mnist!.Description,
            WorkloadData.Text => "synthetic text in chunks of " + plan.Chunks!.Steps,
            _ => "normal noise " + plan.Network.Input,
        };
        return $"{job.Name}: {job.Model}; batch {plan.Job.Training.Batch}, {plan.Shards} leaves; {data}";
    }

    public void Dispose()
    {
        _mnist?.Dispose();
        _folder.Delete(recursive: true);
    }
}
