using System.CommandLine;
using System.Globalization;
using Lockstep.Cli.Addresses;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Forecasts;
using Lockstep.Cli.Runs;
using Lockstep.Coordinator.Parameters;
using Lockstep.Coordinator.Running;
using Lockstep.Engine.Trees;
using Lockstep.Jobs;
using Lockstep.Jobs.Format;
using Lockstep.Jobs.Planning;
using Lockstep.Simulation.Clusters;
using Lockstep.Simulation.Costs;
using Lockstep.Simulation.Forecasts;
using Lockstep.Simulation.Measuring;
using Lockstep.Simulation.Steps;

namespace Lockstep.Cli.Commands;

/// <summary><c>lockstep simulate</c>: what would more workers bring?</summary>
internal sealed class SimulateCommand : ICommandDefinition
{
    private const string DefaultBandwidth = "10Gbps";
    private const string DefaultLatency = "50us";

    // Some ten changes to a cluster are simulated: of one whose step has more frames it would take minutes.
    private const long MostFramesOfRemedies = 400_000;

    private readonly Argument<string> _job = new("JOB") { Description = "The job file." };

    private readonly Option<string> _workers = Counts(
        "--workers", "Numbers of workers. Default: 1, 2, 4, … up to the leaves of the job, with which every worker has one.");

    private readonly Option<string> _servers = Counts("--servers", "Numbers of machines that the parameter server is spread over; the cluster of today has one. Default: 1.");

    private readonly Option<string> _bandwidth = Quantities(
        "--bandwidth", $"What each machine's link carries each way, as in 10Gbps or 1.25GB/s. Default: {DefaultBandwidth}.", "RATE", Quantity.ParseBandwidth);

    private readonly Option<string> _latency = Quantities(
        "--latency", $"Time of a frame's way from one machine to another, as in 50us or 0.2ms. Default: {DefaultLatency}.", "TIME", Quantity.ParseTime);

    private readonly Option<int> _cores = SharedOptions.Positive("--cores", "Processors of each machine. Default: as this machine.", "C");
    private readonly Option<int> _threads = SharedOptions.Threads("Compute threads of each worker. Default: 1.");

    private readonly Option<bool> _local = new("--local")
    {
        Description = "Workers are processes of this machine, as train starts them: they share its processors and its memory, and no number moves.",
    };

    private readonly Option<string[]> _set = SharedOptions.Set();
    private readonly Option<string> _dataRoot = SharedOptions.DataRoot();

    public string[] Examples =>
    [
        "lockstep simulate examples/mnist-mlp.yaml --workers 1,4,16 --bandwidth 10Gbps --latency 50us",
        "lockstep simulate job.yaml --set training.shards=1024 --set training.batch=4096 --workers 64,256,1024 --servers 1,4",
        "lockstep simulate examples/digits.yaml --local --workers 1,2,4",
        "First the costs of the job are measured on this machine, for some seconds: let nothing else run meanwhile.",
    ];

    public Command Create(CommandServices services)
    {
        var command = new Command("simulate", "Predict a training step's time with more workers, and what holds it up, from costs that are measured here.")
        {
            _job, _workers, _servers, _bandwidth, _latency, _cores, _threads, _local, _set, _dataRoot,
        };
        command.Validators.Add(result =>
        {
            Option[] moving = [_bandwidth, _latency, _servers];
            if (result.GetResult(_local) is { Implicit: false } && moving.FirstOrDefault(option => result.GetResult(option) is { Implicit: false }) is { } contradiction)
                result.AddError($"With --local no number moves from machine to machine: leave {contradiction.Name} out.");
        });
        command.SetAction(parsed => Simulate(parsed, services));
        return command;
    }

    private int Simulate(ParseResult parsed, CommandServices services)
    {
        CoordinatorOptions options = RunSetup.Prepare(new RunRequest
        {
            JobFile = parsed.GetValue(_job),
            Overrides = new JobOverrides { Set = parsed.GetValue(_set)! },
            Output = ".",
            Listen = new HostPort("127.0.0.1", 0),
            DataRoot = parsed.GetValue(_dataRoot),
        });
        TrainingSection training = options.Job.Training;
        int[] workers = parsed.GetValue(_workers) is { } list ? Numbers(list)! : [.. PowersUpTo(training.Shards)];
        RequireLeaves(workers.Max(), training);
        int threads = parsed.GetResult(_threads) is null ? 1 : parsed.GetValue(_threads);
        if (threads > services.Cores)
            throw new InputException(Text($"--threads {threads}: what so many threads compute cannot be measured on this machine, which has {services.Cores} processors. Ask for at most as many."));

        TrainingPlan plan = TrainingPlan.Create(options.Job, options.Source);
        StepShape shape = StepShape.Of(plan);
        int[] servers = parsed.GetValue(_servers) is { } spread ? Numbers(spread)! : [1];
        if (servers.Max() > shape.Layout.Blocks.Count)
            throw new InputException(Text($"--servers {servers.Max()}: the job's parameters are {shape.Layout.Blocks.Count} blocks, and a server has one at least. Ask for at most as many."));

        int cores = parsed.GetResult(_cores) is null ? services.Cores : parsed.GetValue(_cores);
        ClusterSpec cluster = parsed.GetValue(_local) ? ClusterSpec.Local(1, cores, threads) : Network(parsed, cores, threads);
        int updateThreads = UpdateThreads.For(shape.Layout.Blocks.Count, services.Cores);
        StepCosts costs = CostMeasurement.Run(plan, options.Source, threads, workers, updateThreads, cluster.OneMachine, services.Time);

        var report = new SimulationReport(services.Output);
        report.WriteCosts(options.Job.Name, shape, costs, threads, updateThreads);
        report.WriteCluster(cluster);
        IReadOnlyList<ForecastRow> rows = ScalingForecast.Of(shape, costs, cluster, workers, servers);
        report.WriteForecast(rows);
        StepPrediction largest = (rows.LastOrDefault(row => row.Prediction.Cluster.Servers == servers[0] && FramesOf(row, shape) <= MostFramesOfRemedies) ?? rows[0]).Prediction;
        report.WriteRemedies(largest, Remedies.For(shape, costs, largest));
        return ExitCode.Ok;
    }

    private static long FramesOf(ForecastRow row, StepShape shape) => 2L * row.Prediction.Cluster.Workers * shape.Layout.Blocks.Count;

    private ClusterSpec Network(ParseResult parsed, int cores, int threads) => new()
    {
        Workers = 1,
        BytesPerSecond = Quantity.ParseBandwidth(parsed.GetValue(_bandwidth) ?? DefaultBandwidth),
        LatencySeconds = Quantity.ParseTime(parsed.GetValue(_latency) ?? DefaultLatency),
        Cores = cores,
        Threads = threads,
    };

    private static void RequireLeaves(int workers, TrainingSection training)
    {
        if (workers <= training.Shards)
            return;
        int enough = training.Shards;
        while (enough < workers && enough < SumTree.MaximumShards)
            enough *= 2;
        string batch = enough > training.Batch ? Text($" and --set training.batch={enough} or more, since a leaf without samples is no work") : "";
        string mend = enough < workers
            ? Text($"A job may have up to {SumTree.MaximumShards} leaves.")
            : Text($"Or give the job more leaves, a power of two up to {SumTree.MaximumShards}: --set training.shards={enough}{batch}. They are part of the numbers, so the trained model is another one.");
        throw new InputException(Text($"--workers {workers}: the job has {training.Shards} shards, the leaves that a step is cut into, and a worker without one has nothing to do. Ask for at most {training.Shards} workers. {mend}"));
    }

    private static IEnumerable<int> PowersUpTo(int most)
    {
        for (int power = 1; power <= most; power *= 2)
            yield return power;
    }

    private static Option<string> Counts(string name, string description)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "N,N,…" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && Numbers(result.Tokens[0].Value) is null)
                result.AddError($"{name} takes whole numbers from 1 up with commas between them, as in 1,4,16, not '{result.Tokens[0].Value}'.");
        });
        return option;
    }

    private static Option<string> Quantities(string name, string description, string helpName, Func<string, double> parse)
    {
        var option = new Option<string>(name) { Description = description, HelpName = helpName };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count != 1)
                return;
            try
            {
                parse(result.Tokens[0].Value);
            }
            catch (FormatException fault)
            {
                result.AddError($"{name}: {fault.Message}");
            }
        });
        return option;
    }

    // Rising, each once; null where the text is no list of numbers.
    private static int[]? Numbers(string text)
    {
        var numbers = new SortedSet<int>();
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 1)
                return null;
            numbers.Add(number);
        }
        return [.. numbers];
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
