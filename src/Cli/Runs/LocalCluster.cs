using System.Globalization;
using Lockstep.Cli.Commands;
using Lockstep.Coordinator.Running;
using Lockstep.Launch;
using Serilog;

namespace Lockstep.Cli.Runs;

/// <summary>The workers of <c>lockstep train</c>: processes of this machine, around the coordinator in this one.</summary>
internal sealed class LocalCluster
{
    private readonly CommandServices _services;
    private readonly CoordinatorOptions _options;
    private readonly int _workers;
    private readonly int _threads;

    /// <param name="services">The world.</param>
    /// <param name="options">The run; its token and source are passed on.</param>
    /// <param name="workers">How many.</param>
    /// <param name="threads">Compute threads of each.</param>
    public LocalCluster(CommandServices services, CoordinatorOptions options, int workers, int threads)
    {
        _services = services;
        _options = options;
        _workers = workers;
        _threads = threads;
    }

    /// <summary>Whether the run ended because its workers were refused: the same start would end the same way.</summary>
    public bool RefusedAll { get; private set; }

    /// <summary>Starts the workers, waits for the end of the run, and takes the workers down.</summary>
    public async Task<RunEnded> TrainAsync(IHostedRun run, IRunObserver observer, ILogger log)
    {
        var options = new LocalWorkersOptions
        {
            Program = _services.Program(),
            Arguments = Arguments(run.DataEndpoint),
            Token = _options.Token.Reveal(),
        };
        await using var workers = new LocalWorkers(
            options, _services.Processes, _services.Time, log, happened => Tell(happened, run, observer));
        workers.Start(_workers);
        Task first = await Task.WhenAny(run.Completion, workers.Abandoned).ConfigureAwait(false);
        if (first != run.Completion && !run.Completion.IsCompleted)
            return Abandoned(await workers.Abandoned.ConfigureAwait(false), observer);
        return await run.Completion.ConfigureAwait(false);
    }

    private string[] Arguments(string endpoint) =>
    [
        "worker", "--join", endpoint, "--threads", _threads.ToString(CultureInfo.InvariantCulture),
        "--data-root", _options.Source.BaseFolder, SharedOptions.LaunchedName,
    ];

    private RunEnded Abandoned(ProcessEndKind lastEnd, IRunObserver observer)
    {
        RefusedAll = lastEnd == ProcessEndKind.Refused;
        var end = new RunEnded(
            RunOutcome.Failed, 0, [], null, null, null,
            RefusedAll
                ? "Every worker was refused; the lines above and the run's log say why."
                : "No worker is left, and none is started again; the lines above and the run's log say why.");
        observer.Observe(end);
        return end;
    }

    private static void Tell(LocalWorkerEvent happened, IHostedRun run, IRunObserver observer)
    {
        if (run.Completion.IsCompleted)
            return;
        string? text = happened switch
        {
            LocalWorkerEvent.Ended { End.Kind: not ProcessEndKind.Left } ended => string.Create(
                CultureInfo.InvariantCulture, $"worker process {ended.ProcessId} {ended.End.Meaning}{LastWords(ended)}"),
            LocalWorkerEvent.Restarting restarting => string.Create(
                CultureInfo.InvariantCulture, $"another worker starts in its place in {restarting.After.TotalSeconds:0.##} s"),
            LocalWorkerEvent.GaveUp { Kind: ProcessEndKind.Crashed } gaveUp => "worker given up: it " + gaveUp.Reason,
            _ => null,
        };
        if (text is not null)
            observer.Observe(new RunWarning(text));
    }

    private static string LastWords(LocalWorkerEvent.Ended ended) => ended.LastLines.Count == 0 ? "" : "; its last words: " + ended.LastLines[^1];
}
