using System.CommandLine;
using Lockstep.Cli.Addresses;
using Lockstep.Cli.Runs;
using Lockstep.Coordinator.Running;

namespace Lockstep.Cli.Commands;

/// <summary><c>lockstep train</c>: coordinator and workers on this machine.</summary>
internal sealed class TrainCommand : ICommandDefinition
{
    private const int DefaultWorkers = 2;
    private const string InSharedMemory = "shared-memory";
    private const string OverUnixSocket = "unix";
    private const string OverTcp = "tcp";

    private readonly JobOptions _job = new();

    private readonly Option<int> _workers = SharedOptions.Positive(
        "--workers", $"Worker processes to start. Default {DefaultWorkers}; does not change the result.");

    private readonly Option<int> _threads = SharedOptions.Threads(
        "Compute threads of each worker. Default: the cores, shared among the workers; does not change the result.");

    private readonly Option<string> _exchange = Exchange();

    public string[] Examples =>
    [
        "lockstep train examples/digits.yaml --workers 2",
        "lockstep train job.yaml --workers 3 --threads 4 --set training.epochs=5 --output /data/runs",
        "lockstep train --resume runs/digits-20260101-120000",
    ];

    public Command Create(CommandServices services)
    {
        var command = new Command("train", "Train on this machine: start a coordinator and worker processes, and show the run.") { _workers, _threads, _exchange };
        _job.AddTo(command);
        command.SetAction((parsed, _) => RunAsync(parsed, services));
        return command;
    }

    /// <summary>What the options say. The coordinator listens on loopback, on a port that is free.</summary>
    public RunRequest Request(ParseResult parsed) => _job.Request(parsed, new HostPort("127.0.0.1", 0));

    /// <summary>Workers, and threads of each.</summary>
    public (int Workers, int Threads) Share(ParseResult parsed, int cores)
    {
        int workers = parsed.GetResult(_workers) is null ? DefaultWorkers : parsed.GetValue(_workers);
        int threads = parsed.GetResult(_threads) is null ? Math.Max(1, cores / workers) : parsed.GetValue(_threads);
        return (workers, threads);
    }

    private static Option<string> Exchange()
    {
        var option = new Option<string>("--exchange")
        {
            Description = "How numbers get from one process to another: in memory that they share (Linux; elsewhere, and where there is no room, over a Unix domain socket), over a Unix domain socket, or over TCP. Does not change the result.",
            HelpName = "HOW",
            DefaultValueFactory = _ => InSharedMemory,
        };
        option.AcceptOnlyFromAmong(InSharedMemory, OverUnixSocket, OverTcp);
        return option;
    }

    private async Task<int> RunAsync(ParseResult parsed, CommandServices services)
    {
        RunRequest request = Request(parsed);
        (int workers, int threads) = Share(parsed, services.Cores);
        CoordinatorOptions prepared = RunSetup.Prepare(request);
        using var folder = new SocketFolder();
        string exchange = parsed.GetValue(_exchange)!;
        CoordinatorOptions options = prepared with
        {
            DataSocket = exchange == OverTcp ? null : folder.Socket,
            SharesMemory = exchange == InSharedMemory,
        };
        return await new RunSession(services, options, request.Plain, new LocalCluster(services, options, workers, threads)).RunAsync().ConfigureAwait(false);
    }
}
