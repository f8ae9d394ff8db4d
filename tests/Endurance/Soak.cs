using System.Globalization;
using Lockstep.Chaos.Campaigns;
using Lockstep.Chaos.Driving;
using Lockstep.Chaos.Faults;
using Lockstep.Chaos.Processes;
using Lockstep.Chaos.Schedules;
using Lockstep.Cluster.Tests.Harness;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;
using Lockstep.Launch;
using Lockstep.Transport.Joining;

namespace Lockstep.Endurance;

/// <summary>
/// Four workers under faults that never end: memory, threads and open files of the coordinator stay what they were, and the bits are the same. The coordinator lives all the
/// time, since it is its growth that is looked for; workers die and are replaced.
/// </summary>
public static class Soak
{
    private const int Workers = 4;

    /// <summary>Steps to which one drawn schedule of some faults is fitted, in seconds.</summary>
    private const double SecondsOfSchedule = 45;

    /// <summary>Steps of the trial that tells its speed.</summary>
    private const long Trial = 6_000;

    // What ends a coordinator is left out, and what may strike once in a run only.
    private static readonly FaultKind[] Kinds =
    [
        FaultKind.Kill, FaultKind.Pause, FaultKind.Slow, FaultKind.Cut, FaultKind.Delay, FaultKind.Throttle, FaultKind.Duplicate, FaultKind.Flip, FaultKind.Partition, FaultKind.Clock,
    ];

    private const string Yaml = """
        name: soak
        seed: 7
        data: { dataset: digits, validation: { fraction: 0.2 }, transforms: [ scale: 1/16, randomCrop: { size: 8, padding: 1 } ] }
        model:
          - conv2d: { filters: 16, kernel: 3, padding: 1 }
          - relu
          - conv2d: { filters: 16, kernel: 3, padding: 1 }
          - relu
          - maxPool2d: { kernel: 2 }
          - flatten
          - dropout: { rate: 0.25 }
          - dense: { units: 64 }
          - relu
          - dense: { units: 10 }
        training: { loss: softmaxCrossEntropy, steps: STEPS, batch: 64, shards: 16, optimizer: { sgd: { learningRate: 0.02, momentum: 0.9 } } }
        evaluation: { everyEpochs: 10, metrics: [accuracy] }
        checkpoint: { everySteps: EVERY, keep: 3 }
        """;

    /// <param name="lasts">About how long it goes on.</param>
    /// <param name="output">Takes the table.</param>
    /// <returns>0, or 1 where something grew or a bit differs.</returns>
    public static async Task<int> RunAsync(TimeSpan lasts, TextWriter output)
    {
        string folder = Directory.CreateTempSubdirectory("lockstep-soak-").FullName;
        try
        {
            // How fast it is here, from a short run under faults.
            RunObservation tried = await ObserveAsync(folder, Trial, Faults(Trial, Trial / SecondsOfSchedule), Workers, TimeSpan.FromMinutes(10), null);
            if (tried.Failure is not null)
            {
                await output.WriteLineAsync($"the trial failed: {tried.Failure}");
                return 1;
            }
            double speed = Trial / tried.Seconds;
            long steps = (long)(lasts.TotalSeconds * speed);
            PlannedFault[] faults = Faults(steps, speed);
            using var gauge = new ProcessGauge();
            // The undisturbed run goes on beside it: more load for the one that is looked at, and half the time to wait.
            RunObservation[] both = await Task.WhenAll(ObserveAsync(folder, steps, [], 2, lasts * 6, null), ObserveAsync(folder, steps, faults, Workers, lasts * 6, gauge));
            (RunObservation undisturbed, RunObservation seen) = (both[0], both[1]);
            if (undisturbed is not { Failure: null, Ending: { } ending, Log: { } log })
            {
                await output.WriteLineAsync($"the undisturbed run failed: {undisturbed.Failure}");
                return 1;
            }
            await output.WriteLineAsync(Text($"undisturbed: {steps:N0} steps in {undisturbed.Seconds:0} s, model sha256 {ending.ModelSha256}"));
            var verdict = Verdict.Of(seen, new Reference(ending, log, undisturbed.Seconds), steps);
            await output.WriteLineAsync(Text(
                $"{Workers} workers: {seen.Seconds:0} s, {seen.Faults.Count(fault => fault.StruckAt is not null)} faults struck, {seen.WorkersEnded} workers ended; {(verdict.Kind == VerdictKind.Same ? "the same bits, each step once" : verdict.Reason)}"));
            await gauge.WriteAsync(output);
            return verdict.Kind == VerdictKind.Same && gauge.Growth is null ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static PlannedFault[] Faults(long steps, double speed)
    {
        long each = Math.Max(100, (long)(SecondsOfSchedule * speed));
        var draw = new ScheduleDraw(1, Kinds, new JobMeasure(each, 1, 16), Workers);
        return
        [
            .. Enumerable.Range(0, (int)(steps / each)).SelectMany(turn => draw.Draw(turn + 1, 0).Faults.Select(fault => fault with { Step = (turn * each) + fault.Step })),
        ];
    }

    private static async Task<RunObservation> ObserveAsync(string folder, long steps, PlannedFault[] faults, int workers, TimeSpan bound, ProcessGauge? gauge)
    {
        string place = Directory.CreateTempSubdirectory("lockstep-soak-run-").FullName;
        try
        {
            string job = Path.Combine(place, "job.yaml");
            await File.WriteAllTextAsync(
                job, Yaml.Replace("STEPS", steps.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal).Replace("EVERY", Math.Max(1, steps / 20).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
            var launch = new ClusterLaunch(
                new ThisProgram(LockstepProgram.Host, [LockstepProgram.Beside.Assembly]), (IProcessStarter?)gauge ?? new SystemProcessStarter(), TimeProvider.System,
                JoinToken.Generate().Reveal(), job, folder, Path.Combine(place, "runs"), Path.Combine(place, "clock"), Threads: 1);
            var schedule = new Schedule(1, 1, 0, workers, faults.Length == 0 ? Exchange.SharedMemory : Exchange.Tcp, faults);
            var run = new ChaosRun(schedule, launch, Path.Combine(place, "data"), steps, null, TimeProvider.System, _ => { });
            RunObservation seen = await run.RunAsync(bound, CancellationToken.None);
            if (seen is not { Failure: null, Ending.ExitCode: 0, Log: not null })
                await Console.Error.WriteLineAsync(run.Transcript);
            return seen;
        }
        finally
        {
            Directory.Delete(place, recursive: true);
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
