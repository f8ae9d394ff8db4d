using Lockstep.Cli.Commands;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Logging;
using Lockstep.Cli.Screen;
using Lockstep.Cli.Signals;
using Lockstep.Coordinator.Running;
using Spectre.Console;

namespace Lockstep.Cli.Runs;

/// <summary>One run from its start to its exit code: coordinator, screen, log, signals, and workers where they are launched here.</summary>
internal sealed class RunSession
{
    /// <summary>A launcher that has gone counts as SIGTERM.</summary>
    private const int SignalOfLauncher = 15;

    private readonly CommandServices _services;
    private readonly CoordinatorOptions _options;
    private readonly bool _plain;
    private readonly LocalCluster? _cluster;
    private readonly Func<string, string>? _workerCommand;
    private IHostedRun? _run;

    /// <param name="services">The world.</param>
    /// <param name="options">What to run.</param>
    /// <param name="plain">Lines instead of the live screen.</param>
    /// <param name="cluster">Workers to launch on this machine; null where they come from elsewhere.</param>
    /// <param name="workerCommand">What to type elsewhere to join at an endpoint; null where nobody is to be told.</param>
    public RunSession(CommandServices services, CoordinatorOptions options, bool plain, LocalCluster? cluster, Func<string, string>? workerCommand = null)
    {
        _services = services;
        _options = options;
        _plain = plain || !services.Interactive;
        _cluster = cluster;
        _workerCommand = workerCommand;
    }

    /// <summary>Whether another process of this program started it and holds its standard input open. It ends with that one, after a checkpoint where there is time.</summary>
    public bool Launched { get; init; }

    /// <summary>Runs to the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync()
    {
        using var log = new RunLog(_plain ? _services.Error : null);
        try
        {
            return await RunAsync(log).ConfigureAwait(false);
        }
        catch (Exception e) when (Faults.Of(e).ExitCode != ExitCode.BadInput)
        {
            log.Logger.Error(e, "The run ended by an error that nobody expected");
            throw new LoggedException(e, log.Path);
        }
    }

    private async Task<int> RunAsync(RunLog log)
    {
        using var interruption = new Interruption(_services.Time, signal => Volatile.Read(ref _run)?.RequestStop(signal), EndAtOnce);
        if (_services.TakesSignals)
            interruption.Listen(ignoreInterrupt: Launched);
        if (Launched)
            LauncherPipe.EndWith(_services.Time, () => interruption.Receive(SignalOfLauncher));
        await using IRunScreen screen = _plain
            ? new PlainLines(_services.Output, _services.Time)
            : new LiveScreen(AnsiConsole.Console, _services.Time);
        var observers = new RunObservers(log, screen);
        await using IHostedRun run = await _services.Host.StartCoordinatorAsync(_options, observers, log.Logger, _services.Time).ConfigureAwait(false);
        Volatile.Write(ref _run, run);
        if (_workerCommand is not null)
            observers.Observe(new CoordinatorListening(run.DataEndpoint, _workerCommand(run.DataEndpoint)));
        // A signal that came while the coordinator started found nobody to tell.
        if (interruption.Signal is { } early)
            run.RequestStop(early);

        RunEnded end = _cluster is null
            ? await run.Completion.ConfigureAwait(false)
            : await _cluster.TrainAsync(run, observers, log.Logger).ConfigureAwait(false);
        return _cluster?.RefusedAll == true ? ExitCode.BadInput : ExitCode.Of(end.Outcome, interruption.Signal);
    }

    private void EndAtOnce(int signal)
    {
        // The live screen hides the cursor, and nothing else will bring it back.
        if (!_plain)
            _services.Output.Write("\u001b[?25h");
        Environment.Exit(ExitCode.SignalBase + signal);
    }
}
