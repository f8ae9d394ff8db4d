using Lockstep.Cli.Commands;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Logging;
using Lockstep.Cli.Screen;
using Lockstep.Cli.Signals;
using Lockstep.Coordinator.Succession;
using Spectre.Console;

namespace Lockstep.Cli.Runs;

/// <summary>One standby from its start to its exit code: screen, log and signals around it, and around the run that it may come to lead.</summary>
internal sealed class StandbySession
{
    private readonly CommandServices _services;
    private readonly StandbyOptions _options;
    private readonly bool _plain;
    private IHostedStandby? _standby;

    /// <param name="services">The world.</param>
    /// <param name="options">Whom to stand by for.</param>
    /// <param name="plain">Lines instead of the live screen.</param>
    public StandbySession(CommandServices services, StandbyOptions options, bool plain)
    {
        _services = services;
        _options = options;
        _plain = plain || !services.Interactive;
    }

    /// <summary>Stands by to the end.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync()
    {
        using var log = new RunLog(_plain ? _services.Error : null);
        StandbyEnd end;
        using var interruption = new Interruption(_services.Time, signal => Volatile.Read(ref _standby)?.RequestStop(signal), EndAtOnce);
        if (_services.TakesSignals)
            interruption.Listen();
        await using (IRunScreen screen = _plain ? new PlainLines(_services.Output, _services.Time) : new LiveScreen(AnsiConsole.Console, _services.Time))
        {
            await using IHostedStandby standby = _services.Host.StandBy(_options, new RunObservers(log, screen), log.Logger, _services.Time);
            Volatile.Write(ref _standby, standby);
            // A signal that came while it started found nobody to tell.
            if (interruption.Signal is { } early)
                standby.RequestStop(early);
            end = await standby.Completion.ConfigureAwait(false);
        }
        int code = ExitCode.Of(end, interruption.Signal);
        // How the run ended that it led stands on the screen already.
        if (end.Run is null)
            await _services.Error.WriteLineAsync(code == ExitCode.Ok ? end.Explanation : "error: " + end.Explanation).ConfigureAwait(false);
        return code;
    }

    private void EndAtOnce(int signal)
    {
        // The live screen hides the cursor, and nothing else will bring it back.
        if (!_plain)
            _services.Output.Write("\u001b[?25h");
        Environment.Exit(ExitCode.SignalBase + signal);
    }
}
