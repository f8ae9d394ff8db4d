using System.CommandLine;
using System.Globalization;
using Lockstep.Chaos.Campaigns;
using Lockstep.Chaos.Faults;
using Lockstep.Chaos.Schedules;
using Lockstep.Cli.Addresses;
using Lockstep.Cli.Doctor;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Runs;
using Lockstep.Cli.Signals;
using Lockstep.Coordinator.Running;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;

namespace Lockstep.Cli.Commands;

/// <summary><c>lockstep chaos</c>: the promise under fire.</summary>
internal sealed class ChaosCommand : ICommandDefinition
{
    private const int DefaultRuns = 10;
    private const int DefaultWorkers = 2;
    private const ulong DefaultSeed = 1;

    // Often enough that little is replayed, and that two are there before most faults strike.
    private const int CheckpointsOfARun = 12;

    private readonly Argument<string> _job = new("JOB") { Description = "The job file." };

    private readonly Option<string> _faults = Faults();

    private readonly Option<int> _runs = SharedOptions.Positive("--runs", $"Runs under faults, after the undisturbed one. Default {DefaultRuns}.");

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "What all schedules follow from: the same seed makes the same schedules.",
        HelpName = "S",
        DefaultValueFactory = _ => DefaultSeed,
    };

    private readonly Option<int> _workers = SharedOptions.Positive("--workers", $"Worker processes that each run begins with. Default {DefaultWorkers}.");
    private readonly Option<int> _threads = SharedOptions.Threads("Compute threads of each worker. Default: 1.");

    private readonly Option<string> _replay = new("--replay")
    {
        Description = "Do the schedule in this file again, once, instead of drawing any.",
        HelpName = "FILE",
    };

    private readonly Option<string> _output = new("--output")
    {
        Description = "The campaign's folder; one that was interrupted is gone on with. Default: chaos/NAME-seed-S.",
        HelpName = "DIR",
    };

    private readonly Option<int> _bound = SharedOptions.Positive(
        "--bound", "The most that one run may take, after which it counts as hung. Default: from the undisturbed run's time, three minutes at least.", "SECONDS");

    private readonly Option<string[]> _set = SharedOptions.Set();
    private readonly Option<int> _steps = SharedOptions.Steps();
    private readonly Option<string> _dataRoot = SharedOptions.DataRoot();

    public string[] Examples =>
    [
        "lockstep chaos examples/digits.yaml --runs 5",
        "lockstep chaos job.yaml --faults kill,pause,partition,coordinator-kill --runs 50 --seed 7 --workers 3",
        "lockstep chaos job.yaml --replay chaos/digits-seed-1/run-0004/schedule.json --output chaos/again",
    ];

    public Command Create(CommandServices services)
    {
        var command = new Command("chaos", "Run a job undisturbed, then again and again under a seeded schedule of faults, and compare every bit.")
        {
            _job, _faults, _runs, _seed, _workers, _threads, _replay, _output, _bound, _set, _steps, _dataRoot,
        };
        command.SetAction((parsed, _) => RunAsync(parsed, services));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CommandServices services)
    {
        Schedule? replay = parsed.GetValue(_replay) is { } file ? ReadSchedule(file) : null;
        CampaignOptions options = Options(parsed, services, replay);
        using var interrupted = new CancellationTokenSource();
        using var interruption = new Interruption(services.Time, _ => interrupted.Cancel(), signal => Environment.Exit(ExitCode.SignalBase + signal));
        if (services.TakesSignals)
            interruption.Listen();
        try
        {
            IReadOnlyList<RunResult> results = await new Campaign(options, services.Time, services.Output.WriteLine).RunAsync(interrupted.Token).ConfigureAwait(false);
            await services.Output.WriteLineAsync().ConfigureAwait(false);
            foreach (string line in CampaignTable.Lines(results))
                await services.Output.WriteLineAsync(line).ConfigureAwait(false);
            return results.Any(result => result.Verdict.Kind == VerdictKind.Broken) ? ExitCode.FailedRun : ExitCode.Ok;
        }
        catch (OperationCanceledException) when (interruption.Signal is { } signal)
        {
            await services.Output.WriteLineAsync($"interrupted; the same command goes on with {options.Folder}").ConfigureAwait(false);
            return ExitCode.SignalBase + signal;
        }
    }

    private CampaignOptions Options(ParseResult parsed, CommandServices services, Schedule? replay)
    {
        CoordinatorOptions prepared = RunSetup.Prepare(new RunRequest
        {
            JobFile = parsed.GetValue(_job),
            Overrides = new JobOverrides
            {
                Set = parsed.GetValue(_set)!,
                Steps = parsed.GetResult(_steps) is null ? null : parsed.GetValue(_steps),
            },
            Output = ".",
            Listen = new HostPort("127.0.0.1", 0),
            DataRoot = parsed.GetValue(_dataRoot),
        });
        TrainingPlan plan = TrainingPlan.Create(prepared.Job, prepared.Source);
        ulong seed = replay?.Seed ?? parsed.GetValue(_seed);
        int workers = replay?.Workers ?? (parsed.GetResult(_workers) is null ? DefaultWorkers : parsed.GetValue(_workers));
        if (workers > Schedule.MostWorkers)
            throw new InputException($"--workers {workers}: a run under faults begins with at most {Schedule.MostWorkers} workers.");
        long floats = plan.Network.Layout.Length * (2 + plan.Rule.StateNames.Count);
        return new CampaignOptions
        {
            Job = prepared.Job with { Checkpoint = prepared.Job.Checkpoint with { EverySteps = Math.Min(prepared.Job.Checkpoint.EverySteps, Math.Max(1, plan.TotalSteps / CheckpointsOfARun)), Keep = Math.Max(3, prepared.Job.Checkpoint.Keep) } },
            DataRoot = prepared.Source.BaseFolder,
            Measure = new JobMeasure(plan.TotalSteps, plan.Network.Layers.Count, plan.Shards),
            CheckpointBytes = (floats * sizeof(float)) + (1 << 20),
            Kinds = Kinds(parsed, services, plan),
            Runs = parsed.GetResult(_runs) is null ? DefaultRuns : parsed.GetValue(_runs),
            Seed = seed,
            Workers = workers,
            Threads = parsed.GetResult(_threads) is null ? 1 : parsed.GetValue(_threads),
            Bound = parsed.GetResult(_bound) is null ? null : TimeSpan.FromSeconds(parsed.GetValue(_bound)),
            Folder = parsed.GetValue(_output) ?? Path.Combine("chaos", string.Create(CultureInfo.InvariantCulture, $"{prepared.Job.Name}-seed-{seed}")),
            Build = BuildFingerprint.Current,
            Program = services.Program(),
            Starter = services.Processes,
            Given = replay is null ? null : [replay],
        };
    }

    private IReadOnlyList<FaultKind> Kinds(ParseResult parsed, CommandServices services, TrainingPlan plan)
    {
        (IReadOnlyList<FaultKind> possible, IReadOnlyList<(FaultKind Kind, string Reason)> skipped) =
            FaultSupport.Here(plan.SkipsNonFinite).Divide(FaultCatalogue.Parse(parsed.GetValue(_faults)!));
        foreach ((FaultKind kind, string reason) in skipped)
            services.Output.WriteLine($"{FaultCatalogue.NameOf(kind)} is left out: {reason}");
        return possible.Count > 0 ? possible : throw new InputException("--faults: none of these can be made here. Ask for others, or for all.");
    }

    private static Schedule ReadSchedule(string file)
    {
        if (!File.Exists(file))
            throw new InputException($"--replay {file}: there is no such file. Check the path.");
        try
        {
            return ScheduleFile.Read(File.ReadAllBytes(file));
        }
        catch (ScheduleFormatException e)
        {
            throw new InputException($"--replay {file}: {e.Message}", e);
        }
    }

    private static Option<string> Faults()
    {
        var option = new Option<string>("--faults")
        {
            Description = $"What happens: {string.Join(", ", FaultCatalogue.Kinds.Select(FaultCatalogue.NameOf))}; or all that this machine allows.",
            HelpName = "NAME,NAME,…",
            DefaultValueFactory = _ => FaultCatalogue.All,
        };
        option.Validators.Add(result =>
        {
            try
            {
                if (result.Tokens.Count == 1)
                    FaultCatalogue.Parse(result.Tokens[0].Value);
            }
            catch (FormatException e)
            {
                result.AddError($"--faults: {e.Message}");
            }
        });
        return option;
    }
}
