using System.CommandLine;
using Lockstep.Cli.Addresses;
using Lockstep.Cli.Doctor;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Runs;
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

    private readonly Option<bool> _launched = new(LaunchedOption)
    {
        Description = "Started by another lockstep process: ends when the standard input closes, and ignores SIGINT.",
        Hidden = true,
    };

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
        command.SetAction((parsed, _) => RunAsync(parsed, services));
        return command;
    }

    /// <summary>What the options say.</summary>
    /// <exception cref="InputException">An address or a token is none, or there is no token.</exception>
    public WorkerOptions Request(ParseResult parsed, CommandServices services)
    {
        return new WorkerOptions
        {
            Join = JoinAddress.All(parsed.GetValue(_join)!),
            Token = TokenSource.Read(parsed.GetValue(_tokenFile), services.Environment) ?? throw new InputException(
                $"There is no join token. Paste the command that the coordinator printed: it sets {TokenSource.Variable}; or use --token-file FILE."),
            Threads = parsed.GetResult(_threads) is null ? services.Cores : parsed.GetValue(_threads),
            JoinTimeout = TimeSpan.FromSeconds(parsed.GetResult(_timeout) is null ? DefaultJoinTimeout : parsed.GetValue(_timeout)),
            DataRoot = parsed.GetValue(_dataRoot),
            BuildFingerprint = BuildFingerprint.Current,
        };
    }

    private Task<int> RunAsync(ParseResult parsed, CommandServices services) =>
        new WorkerProcess(services, Request(parsed, services), parsed.GetValue(_launched)).RunAsync();
}
