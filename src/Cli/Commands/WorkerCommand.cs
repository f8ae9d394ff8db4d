using System.CommandLine;
using Lockstep.Chaos.Faults;
using Lockstep.Chaos.Hooks;
using Lockstep.Cli.Addresses;
using Lockstep.Cli.Doctor;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Runs;
using Lockstep.Transport.Connections;
using Lockstep.Transport.Joining;
using Lockstep.WorkerNode.Computing;
using Lockstep.WorkerNode.Running;

namespace Lockstep.Cli.Commands;

/// <summary><c>lockstep worker</c>: computes for a coordinator.</summary>
internal sealed class WorkerCommand : ICommandDefinition
{
    /// <summary>Says that a launcher holds the standard input open, and that the worker ends with it.</summary>
    public const string LaunchedOption = "--launched";

    /// <summary>Seconds that a worker looks for a coordinator.</summary>
    public const int DefaultJoinTimeout = 60;

    private readonly Option<string[]> _join = SharedOptions.Join();

    private readonly Option<int> _threads = SharedOptions.Threads("Compute threads. Default: all cores; does not change the result.");

    private readonly Option<int> _timeout = SharedOptions.Positive(
        "--join-timeout", $"How long to wait for the coordinator, at the start and when it is lost. Default {DefaultJoinTimeout}.", "SECONDS");

    private readonly Option<string> _dataRoot = SharedOptions.DataRoot();
    private readonly Option<string> _tokenFile = SharedOptions.TokenFile();

    private readonly SecurityOptions _security = new();
    private readonly Option<bool> _launched = SharedOptions.Launched();

    public string[] Examples =>
    [
        "LOCKSTEP_TOKEN=… lockstep worker --join 10.0.0.5:4770",
        "lockstep worker --join 10.0.0.5:4770 --token-file /etc/lockstep/token --threads 8 --data-root /data",
        "lockstep worker --join node1:4770 --join node2:4770",
    ];

    public Command Create(CommandServices services)
    {
        var command = new Command("worker", "Compute for a coordinator: fetch its job, check the data, train until the run is over.")
        {
            _join, _threads, _timeout, _dataRoot, _tokenFile, _launched,
        };
        _security.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(parsed, services));
        return command;
    }

    /// <summary>What the options say.</summary>
    /// <exception cref="InputException">An address or a token is none, or there is no token.</exception>
    public WorkerOptions Request(ParseResult parsed, CommandServices services)
    {
        IReadOnlyList<DataEndpoint> join = JoinAddress.All(parsed.GetValue(_join)!);
        JoinToken token = TokenSource.Read(parsed.GetValue(_tokenFile), services.Environment) ?? throw new InputException(
            $"There is no join token. Paste the command that the coordinator printed: it sets {TokenSource.Variable}; or use --token-file FILE.");
        return new WorkerOptions
        {
            Join = join,
            Token = token,
            Identity = _security.Request(parsed, services.Environment).Identity(join.All(JoinAddress.IsLocal), token),
            Threads = parsed.GetResult(_threads) is null ? services.Cores : parsed.GetValue(_threads),
            JoinTimeout = TimeSpan.FromSeconds(parsed.GetResult(_timeout) is null ? DefaultJoinTimeout : parsed.GetValue(_timeout)),
            DataRoot = parsed.GetValue(_dataRoot),
            BuildFingerprint = BuildFingerprint.Current,
            Injected = parsed.GetValue(_launched) ? Injected(services) : null,
        };
    }

    // Only where a launcher says so: a variable that stands somewhere by chance must reach no training.
    private static InjectedFault? Injected(CommandServices services) => ProcessHooks.Fault(services.Environment) is { } fault
        ? new InjectedFault(
            fault.Kind == FaultKind.Throw ? InjectedFaultKind.Throws : InjectedFaultKind.MakesNaN,
            fault.Step,
            fault.Layer,
            fault.Leaf,
            what => services.Error.WriteLine(ProcessHooks.StruckLine + what))
        : null;

    private Task<int> RunAsync(ParseResult parsed, CommandServices services) =>
        new WorkerProcess(services, Request(parsed, services), parsed.GetValue(_launched)).RunAsync();
}
