using Lockstep.Chaos.Campaigns;
using Lockstep.Chaos.Faults;
using Lockstep.Chaos.Schedules;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;
using Lockstep.Launch;

namespace Lockstep.Chaos.Tests.Runs;

/// <summary>Whole campaigns of two short schedules each, on real processes.</summary>
public sealed class CampaignTests : IDisposable
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

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public Task An_mlp_comes_to_the_same_bits_whatever_strikes() => RequireSameAsync(ChaosJob.Mlp,
        [
            new(FaultKind.Kill, 150) { Target = 1 },
            new(FaultKind.Cut, 300) { Target = 0, Direction = LinkDirection.ToCoordinator, Amount = 777 },
            new(FaultKind.CoordinatorKill, 420) { Milliseconds = 10 },
            new(FaultKind.Flip, 700) { Target = 1, Direction = LinkDirection.ToWorker, Amount = 4_000, Bit = 3 },
            new(FaultKind.Duplicate, 800) { Target = 0, Direction = LinkDirection.ToCoordinator, Amount = 90 },
        ],
        [
            new(FaultKind.Join, 50),
            new(FaultKind.FullDisk, 200) { Milliseconds = 500 },
            new(FaultKind.Pause, 400) { Target = 1, Milliseconds = 600 },
            new(FaultKind.Kill, 600) { Target = 0 },
        ]);

    [SkippableFact]
    public Task A_convolutional_net_with_dropout_and_crops_comes_to_the_same_bits_whatever_strikes() => RequireSameAsync(ChaosJob.LeNet,
        [
            new(FaultKind.Partition, 60) { Target = 0, Direction = LinkDirection.Both, Milliseconds = 400 },
            new(FaultKind.Throttle, 120) { Target = 1, Direction = LinkDirection.ToWorker, Milliseconds = 300, Amount = 100_000 },
            new(FaultKind.Throw, 200) { Target = 1, Layer = 4, Leaf = 2 },
            new(FaultKind.Delay, 300) { Target = 0, Direction = LinkDirection.ToCoordinator, Milliseconds = 300, Amount = 20 },
            new(FaultKind.Clock, 350) { Amount = -86_400 },
        ],
        [
            new(FaultKind.Slow, 80) { Target = 0, Milliseconds = 500, Amount = 30 },
            new(FaultKind.CheckpointDamage, 250) { Milliseconds = 10, Amount = 1_500, Bit = 2 },
            new(FaultKind.Kill, 400) { Target = 1 },
        ]);

    [SkippableFact]
    public Task A_recurrent_net_that_carries_its_state_comes_to_the_same_bits_whatever_strikes() => RequireSameAsync(ChaosJob.Lstm,
        [
            new(FaultKind.NonFinite, 100) { Target = 1, Layer = 1, Leaf = 3 },
            new(FaultKind.Pause, 250) { Target = 0, Milliseconds = 300 },
            new(FaultKind.Kill, 350) { Target = 0 },
        ],
        [
            new(FaultKind.Kill, 100) { Target = 0 },
            new(FaultKind.Kill, 100) { Target = 1 },
            new(FaultKind.Join, 150),
            new(FaultKind.CheckpointDamage, 300) { Milliseconds = 10, Amount = 900, Bit = -1 },
        ]);

    private async Task RequireSameAsync(ChaosJob job, params PlannedFault[][] schedules)
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
