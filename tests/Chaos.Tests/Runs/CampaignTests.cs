using Lockstep.Chaos.Campaigns;
using Lockstep.Chaos.Faults;
using Lockstep.Chaos.Schedules;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;
using Lockstep.Launch;

namespace Lockstep.Chaos.Tests.Runs;

/// <summary>Whole campaigns of two short schedules each, on real processes: one class a net, so that they run beside each other.</summary>
public abstract class CampaignTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-campaign-").FullName;
    private readonly RecordingStarter _starter = new();
    private readonly List<string> _said = [];

    private string Said
    {
        get
        {
            lock (_said)
                return string.Join('\n', _said);
        }
    }

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected async Task RequireSameAsync(ChaosJob job, params PlannedFault[][] schedules)
    {
        Skip.IfNot(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "needs SIGSTOP and SIGCONT");
        CampaignOptions options = OptionsOf(job, schedules);
        IReadOnlyList<RunResult> results = await RunAsync(options);
        Assert.All(results, result => Assert.True(result.Verdict.Kind == VerdictKind.Same, $"{result.Verdict}\n{Said}\n{Transcripts()}"));
        Assert.Equal(schedules.Length, results.Count);
        Assert.Equal(0, _starter.Running);

        // What is done is not done again: the folder answers, and no process starts.
        int started = _starter.Started;
        IReadOnlyList<RunResult> again = await RunAsync(options);
        Assert.Equal(results.Select(result => result.Schedule), again.Select(result => result.Schedule));
        Assert.Equal(started, _starter.Started);
        Assert.Contains("done before", Said, StringComparison.Ordinal);
    }

    private Task<IReadOnlyList<RunResult>> RunAsync(CampaignOptions options) => new Campaign(options, TimeProvider.System, line =>
    {
        lock (_said)
            _said.Add(line);
    }).RunAsync(CancellationToken.None);

    private CampaignOptions OptionsOf(ChaosJob job, PlannedFault[][] schedules)
    {
        string file = job.WriteTo(_folder);
        JobSource source = JobSource.OfFolder(_folder);
        Job read = JobFile.Read(file, files: source);
        bool hasDisk = FaultSupport.Here(skipsNonFinite: false).Disk is null;
        return new CampaignOptions
        {
            Job = read with { Checkpoint = read.Checkpoint with { EverySteps = job.Steps / 12 } },
            DataRoot = _folder,
            Measure = new JobMeasure(job.Steps, TrainingPlan.Create(read, source).Network.Layers.Count, read.Training.Shards),
            CheckpointBytes = 1 << 20,
            Kinds = FaultCatalogue.Kinds,
            Runs = schedules.Length,
            Seed = 1,
            Workers = 2,
            Threads = 1,
            Bound = TimeSpan.FromMinutes(4),
            Folder = Path.Combine(_folder, "campaign"),
            Build = "the one under test",
            Program = new ThisProgram(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(AppContext.BaseDirectory, "lockstep.dll")]),
            Starter = _starter,
            Given = [.. schedules.Select((faults, i) => ScheduleOf(i + 1, [.. faults.Where(fault => hasDisk || fault.Kind != FaultKind.FullDisk)]))],
        };
    }

    private static Schedule ScheduleOf(int run, PlannedFault[] faults) =>
        new(1, run, 0, 2, faults.Any(fault => FaultCatalogue.IsOfLink(fault.Kind)) ? Exchange.Tcp : Exchange.SharedMemory, faults);

    private string Transcripts() => string.Concat(Directory.EnumerateFiles(_folder, "transcript.txt", SearchOption.AllDirectories).Select(File.ReadAllText));
}
