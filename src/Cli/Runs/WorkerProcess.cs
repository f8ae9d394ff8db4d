using Lockstep.Cli.Commands;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Logging;
using Lockstep.Cli.Signals;
using Lockstep.WorkerNode.Running;

namespace Lockstep.Cli.Runs;

/// <summary>One worker from its start to its exit code.</summary>
internal sealed class WorkerProcess
{
    private readonly CommandServices _services;
    private readonly WorkerOptions _options;
    private readonly bool _launched;

    /// <param name="services">The world.</param>
    /// <param name="options">Whom to work for.</param>
    /// <param name="launched">Whether another process of this program started it and holds its standard input open.</param>
    public WorkerProcess(CommandServices services, WorkerOptions options, bool launched)
    {
        _services = services;
        _options = options;
        _launched = launched;
    }

    /// <summary>What an end means to the shell, and what is said of it; a worker that leaves on request has done nothing wrong.</summary>
    public static Fault Outcome(WorkerExit exit) => exit.Outcome switch
    {
        WorkerOutcome.RunEnded => new Fault("the run is over: " + exit.Explanation, ExitCode.Ok),
        WorkerOutcome.Left => new Fault(exit.Explanation, ExitCode.Ok),
        WorkerOutcome.Refused => new Fault(exit.Explanation, ExitCode.BadInput),
        _ => new Fault(exit.Explanation, ExitCode.FailedRun),
    };

    /// <summary>Works to the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync()
    {
        using var log = new ConsoleLog(_services.Error);
        using var leaving = new CancellationTokenSource();
        using var interruption = new Interruption(_services.Time, _ => leaving.Cancel(), signal => Environment.Exit(ExitCode.SignalBase + signal));
        if (_services.TakesSignals)
            interruption.Listen(ignoreInterrupt: _launched);
        if (_launched)
            LauncherPipe.EndWith(_services.Time, leaving.Cancel);

        Fault outcome = Outcome(await _services.Host.WorkAsync(_options, log.Logger, leaving.Token).ConfigureAwait(false));
        await _services.Error.WriteLineAsync(outcome.ExitCode == ExitCode.Ok ? outcome.Message : "error: " + outcome.Message).ConfigureAwait(false);
        return outcome.ExitCode;
    }
}
