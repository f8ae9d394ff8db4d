using System.Globalization;
using Lockstep.Chaos.Driving;
using Lockstep.Chaos.Faults;
using Lockstep.Chaos.Processes;
using Lockstep.Chaos.Schedules;
using Lockstep.Engine.Serialization;
using Lockstep.Transport.Joining;

namespace Lockstep.Chaos.Campaigns;

/// <summary>Runs a job once undisturbed and many times under drawn schedules of faults, and holds each run against the first.</summary>
/// <param name="options">What it does.</param>
/// <param name="time">The clock.</param>
/// <param name="say">Told what happens, line by line.</param>
public sealed class Campaign(CampaignOptions options, TimeProvider time, Action<string> say)
{
    /// <summary>How often a schedule of which too little struck is drawn anew; one that was given is done again.</summary>
    private const int MostAttempts = 3;

    private const string UndisturbedName = "undisturbed";

    /// <summary>The shortest bound of a run that nobody gave one. 3 minutes.</summary>
    private static readonly TimeSpan LeastBound = TimeSpan.FromMinutes(3);

    /// <summary>Does it, but for the runs that the folder has results of.</summary>
    /// <param name="interrupted">Ends it between two steps; the folder is gone on with later.</param>
    /// <returns>The results of all runs.</returns>
    /// <exception cref="CampaignException">The folder is another campaign's, or the undisturbed run failed.</exception>
    /// <exception cref="OperationCanceledException">It was interrupted.</exception>
    public async Task<IReadOnlyList<RunResult>> RunAsync(CancellationToken interrupted)
    {
        CampaignFolder folder = CampaignFolder.Open(options);
        Reference undisturbed = folder.ReadReference() ?? await UndisturbedAsync(folder, interrupted).ConfigureAwait(false);
        say(Text($"undisturbed: {options.Measure.Steps} steps in {undisturbed.Seconds:0.0} s, model sha256 {undisturbed.Ending.ModelSha256}, state sha256 {undisturbed.Ending.StateSha256}"));
        var results = new List<RunResult>();
        var draw = new ScheduleDraw(options.Seed, options.Kinds, options.Measure, options.Workers);
        int runs = options.Given?.Count ?? options.Runs;
        for (int run = 1; run <= runs; run++)
        {
            if (folder.ReadResult(run) is { } done)
            {
                say(Text($"run {run} of {runs}: done before, {Words(done)}"));
                results.Add(done);
                continue;
            }
            for (int attempt = 0; ; attempt++)
            {
                Schedule schedule = options.Given?[run - 1] ?? draw.Draw(run, attempt);
                say(Text($"run {run} of {runs}: {schedule.Faults.Count} faults, {schedule.Workers} workers, {ScheduleFile.NameOf(schedule.Exchange)}"));
                RunResult result = await OneAsync(folder, run, schedule, undisturbed, interrupted).ConfigureAwait(false);
                say(Text($"  {Words(result)}, {result.Seconds:0.0} s"));
                if (result.Verdict.Kind == VerdictKind.TooFew && attempt < MostAttempts)
                    continue;
                folder.Write(run, result);
                results.Add(result);
                break;
            }
        }
        return results;
    }

    private async Task<Reference> UndisturbedAsync(CampaignFolder folder, CancellationToken interrupted)
    {
        var calm = new Schedule(options.Seed, 0, 0, 1, Exchange.SharedMemory, []);
        string place = folder.Begin(UndisturbedName);
        string runs = Path.Combine(place, "runs");
        using var socket = new SocketPath();
        var run = new ChaosRun(calm, LaunchIn(place, folder), socket.Path, options.Measure.Steps, null, time, say);
        RunObservation seen = await run.RunAsync(options.Bound ?? TimeSpan.FromDays(1), interrupted).ConfigureAwait(false);
        if (seen is not { Failure: null, Log: { } log, Ending: { ModelSha256: not null } ending })
        {
            await WriteTranscriptAsync(place, run).ConfigureAwait(false);
            throw new CampaignException($"the undisturbed run failed: {seen.Failure ?? Text($"its coordinator ended with exit code {seen.Ending?.ExitCode}")}. What its processes said is in {Path.Combine(place, "transcript.txt")}");
        }
        var reference = new Reference(ending, log, seen.Seconds);
        folder.Write(reference, Path.Combine(Directory.EnumerateDirectories(runs).Single(), "metrics.jsonl"));
        Directory.Delete(place, recursive: true);
        return reference;
    }

    private async Task<RunResult> OneAsync(CampaignFolder folder, int number, Schedule schedule, Reference undisturbed, CancellationToken interrupted)
    {
        string place = folder.Begin(CampaignFolder.NameOf(number));
        // It is there before the run is, so that one that takes the whole machine down can be looked into too.
        AtomicFile.Write(Path.Combine(place, "schedule.json"), ScheduleFile.Write(schedule));
        using var socket = new SocketPath();
        long? disk = schedule.Faults.Any(fault => fault.Kind == FaultKind.FullDisk) ? DiskBytes : null;
        var run = new ChaosRun(schedule, LaunchIn(place, folder), socket.Path, options.Measure.Steps, disk, time, say);
        Verdict? verdict = null;
        RunObservation seen = await run.RunAsync(
            options.Bound ?? BoundOf(schedule, undisturbed),
            interrupted,
            observation =>
            {
                verdict = Verdict.Of(observation, undisturbed, options.Measure.Steps);
                if (verdict.Kind == VerdictKind.Broken && disk is not null)
                    Copy(Path.Combine(place, "runs"), Path.Combine(place, "runs-of-disk"));
            }).ConfigureAwait(false);
        foreach (FaultOutcome fault in seen.Faults)
            say(Text($"  {WordsOf(fault)}"));
        var result = new RunResult(schedule, verdict!, seen.Faults, seen.Seconds, seen.WorkersEnded);
        if (verdict!.Kind == VerdictKind.Broken)
        {
            await WriteTranscriptAsync(place, run).ConfigureAwait(false);
            say(Text($"  its files are in {place}; again: --replay {Path.Combine(place, "schedule.json")}"));
        }
        else
        {
            Directory.Delete(place, recursive: true);
        }
        return result;
    }

    // Room for the checkpoints that are kept, one that is written and one to spare, and for logs.
    private long DiskBytes => ((options.Job.Checkpoint.Keep + 3) * options.CheckpointBytes) + (32L << 20);

    private static TimeSpan BoundOf(Schedule schedule, Reference undisturbed)
    {
        var bound = TimeSpan.FromSeconds((undisturbed.Seconds * 20) + 60 + (schedule.Faults.Sum(fault => fault.Milliseconds) / 1000.0 * 2) + (schedule.Faults.Count * 10));
        return bound > LeastBound ? bound : LeastBound;
    }

    private ClusterLaunch LaunchIn(string place, CampaignFolder folder) => new(
        options.Program, options.Starter, time, JoinToken.Generate().Reveal(), folder.JobFile, options.DataRoot,
        Path.Combine(place, "runs"), Path.Combine(place, "clock"), options.Threads);

    private static async Task WriteTranscriptAsync(string place, ChaosRun run) =>
        await File.WriteAllTextAsync(Path.Combine(place, "transcript.txt"), run.Transcript).ConfigureAwait(false);

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private static string Words(RunResult result) => result.Verdict.Kind switch
    {
        VerdictKind.Same => Text($"the same bits, each step once; {result.Struck} of {result.Faults.Count} faults struck"),
        VerdictKind.Broken => $"BROKEN: {result.Verdict.Reason}",
        _ => $"does not count: {result.Verdict.Reason}",
    };

    private static string WordsOf(FaultOutcome fault)
    {
        if (fault.StruckAt is not { } at)
            return Text($"not struck: {fault.Fault} ({fault.Miss})");
        string replayed = fault.Replayed > 0 ? Text($", {fault.Replayed} steps again") : "";
        string leaves = fault.LeavesGiven is { } given ? Text($", {given} leaves to others") : "";
        return Text($"at {at}: {fault.Fault}: {fault.Pause:0.00} s without a step{replayed}{leaves}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A short path for a socket, whose paths systems limit to about 100 bytes.</summary>
    private sealed class SocketPath : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("lockstep-chaos-").FullName;

        public string Path => System.IO.Path.Combine(_folder, "data");

        public void Dispose() => Directory.Delete(_folder, recursive: true);
    }
}
