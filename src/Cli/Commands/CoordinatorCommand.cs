using System.CommandLine;
using Lockstep.Chaos.Hooks;
using Lockstep.Cli.Addresses;
using Lockstep.Cli.Doctor;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Runs;
using Lockstep.Coordinator.Running;
using Lockstep.Coordinator.Succession;
using Lockstep.Transport.Joining;

namespace Lockstep.Cli.Commands;

/// <summary><c>lockstep coordinator</c>: the head of a run whose workers are on other machines.</summary>
internal sealed class CoordinatorCommand : ICommandDefinition
{
    private readonly JobOptions _job = new();

    private readonly Option<string> _listen = new("--listen")
    {
        Description = "Where workers join; beyond loopback everything is encrypted. Port 0 takes any free one. A Unix domain socket is for workers of this machine alone, with whom it shares memory.",
        HelpName = "HOST:PORT|unix:PATH",
        DefaultValueFactory = _ => "127.0.0.1:4770",
    };

    private readonly Option<int> _minimum = SharedOptions.Positive(
        "--workers-minimum", "Workers to wait for before the first step. Default 1; does not change the result.");

    private readonly SecurityOptions _security = new();
    private readonly Option<string> _tokenFile = SharedOptions.TokenFile();
    private readonly Option<bool> _launched = SharedOptions.Launched();

    private readonly Option<bool> _standby = new("--standby")
    {
        Description = "Lead nothing yet: hold the checkpoints of the run that is led at --join, which gives the job too, and take over when its coordinator is gone.",
    };

    private readonly Option<string[]> _join = SharedOptions.Join(required: false);

    private readonly Option<int> _timeout = SharedOptions.Positive(
        "--join-timeout", $"With --standby: how long to look for a coordinator, at the start and when it is out of reach. Default {WorkerCommand.DefaultJoinTimeout}.", "SECONDS");

    public string[] Examples =>
    [
        "lockstep coordinator job.yaml --listen node1:4770 --workers-minimum 2",
        "lockstep coordinator job.yaml --listen 10.0.0.5:4770 --token-file /etc/lockstep/token",
        "LOCKSTEP_TOKEN=… lockstep coordinator --standby --join 10.0.0.5:4770 --listen 10.0.0.6:4770",
    ];

    public Command Create(CommandServices services)
    {
        var command = new Command(
            "coordinator", "Lead a run whose workers join over the network; prints the worker command to paste on the other machines.")
        {
            _listen, _minimum, _tokenFile, _launched, _standby, _join, _timeout,
        };
        _security.AddTo(command);
        _job.AddTo(command, needsNone: result => result.GetValue(_standby));
        command.Validators.Add(result =>
        {
            bool joins = result.GetResult(_join) is { Implicit: false };
            if (result.GetValue(_standby) && !joins)
                result.AddError("A standby must know for whom it stands by: --standby --join HOST:PORT, as the coordinator printed it.");
            if (!result.GetValue(_standby) && joins)
                result.AddError("--join goes with --standby. A worker joins with: lockstep worker --join HOST:PORT");
            if (result.GetValue(_standby) && _job.GivenTo(result) is { } given)
                result.AddError($"{given} does not go with --standby: job and position come from the coordinator.");
        });
        command.SetAction((parsed, _) => RunAsync(parsed, services));
        return command;
    }

    /// <summary>What the options say.</summary>
    /// <exception cref="InputException">An address or a token is none.</exception>
    public RunRequest Request(ParseResult parsed, Func<string, string?> environment) =>
        _job.Request(parsed, SocketOf(parsed) is null ? HostPort.Parse(parsed.GetValue(_listen)!, "--listen") : new HostPort("127.0.0.1", 0)) with
        {
            DataSocket = SocketOf(parsed),
            WorkersMinimum = parsed.GetResult(_minimum) is null ? 1 : parsed.GetValue(_minimum),
            Security = _security.Request(parsed, environment),
            Token = TokenSource.Read(parsed.GetValue(_tokenFile), environment),
        };

    /// <summary>What the options of a standby say.</summary>
    /// <exception cref="InputException">An address or a token is none, or there is no token.</exception>
    public StandbyOptions StandbyRequest(ParseResult parsed, Func<string, string?> environment)
    {
        string? socket = SocketOf(parsed);
        HostPort listen = socket is null ? HostPort.Parse(parsed.GetValue(_listen)!, "--listen") : new HostPort("127.0.0.1", 0);
        RunSetup.RequireAddress(listen);
        RunRequest shared = _job.Request(parsed, listen);
        if (shared.DataRoot is { } root && !Directory.Exists(root))
            throw new InputException($"--data-root {root}: there is no such folder. Check the path.");
        JoinToken token = TokenSource.Read(parsed.GetValue(_tokenFile), environment) ?? throw new InputException(
            $"There is no join token. Set {TokenSource.Variable} as the coordinator printed it, or use --token-file FILE.");
        return new StandbyOptions
        {
            Join = JoinAddress.All(parsed.GetValue(_join)!),
            Token = token,
            Identity = _security.Request(parsed, environment).Identity(listen.IsLoopback, token),
            BuildFingerprint = BuildFingerprint.Current,
            ListenHost = listen.Host,
            ListenPort = listen.Port,
            DataSocket = socket,
            OutputDirectory = shared.Output,
            DataRoot = shared.DataRoot,
            WorkersMinimum = parsed.GetResult(_minimum) is null ? 1 : parsed.GetValue(_minimum),
            JoinTimeout = TimeSpan.FromSeconds(parsed.GetResult(_timeout) is null ? WorkerCommand.DefaultJoinTimeout : parsed.GetValue(_timeout)),
        };
    }

    private string? SocketOf(ParseResult parsed)
    {
        const string Prefix = "unix:";
        string listen = parsed.GetValue(_listen)!;
        return listen.StartsWith(Prefix, StringComparison.Ordinal) && listen.Length > Prefix.Length ? listen[Prefix.Length..] : null;
    }

    private Task<int> RunAsync(ParseResult parsed, CommandServices services)
    {
        if (parsed.GetValue(_standby))
            return new StandbySession(services, StandbyRequest(parsed, services.Environment), _job.Plain(parsed)).RunAsync();
        RunRequest request = Request(parsed, services.Environment);
        CoordinatorOptions options = RunSetup.Prepare(request);
        bool launched = parsed.GetValue(_launched);
        if (launched)
            services = services with { Time = ProcessHooks.Clock(services.Environment, services.Time) };
        return new RunSession(
            services, options, request.Plain, cluster: null,
            endpoint => WorkerCommandFor(endpoint, options.Token, generated: request.Token is null) + request.Security.WorkerArguments(request.Listen.IsLoopback))
        {
            Launched = launched,
        }.RunAsync();
    }

    // A token that the user gave is known where it is needed, and need not stand on a screen.
    private static string WorkerCommandFor(string endpoint, JoinToken token, bool generated) =>
        (generated ? $"{TokenSource.Variable}={token.Reveal()} " : "") + $"lockstep worker --join {endpoint}";
}
