using System.CommandLine;
using System.Globalization;
using Lockstep.Cli.Addresses;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Inspection;
using Lockstep.Cli.Runs;
using Lockstep.Coordinator.Running;
using Lockstep.Engine.Memory;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;

namespace Lockstep.Cli.Commands;

/// <summary><c>lockstep gradients</c>: makes the engine checkable against any other tool.</summary>
internal sealed class GradientsCommand : ICommandDefinition
{
    private readonly Argument<string> _job = new("JOB") { Description = "The job file." };

    private readonly Option<string> _output = new("--output")
    {
        Description = "The .safetensors file to write. An existing one is replaced.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<string> _weights = SharedOptions.Weights();
    private readonly Option<string[]> _set = SharedOptions.Set();
    private readonly Option<string> _dataRoot = SharedOptions.DataRoot();
    private readonly Option<int> _threads = SharedOptions.Threads("Compute threads. Default: all cores; does not change the result.");

    public string[] Examples =>
    [
        "lockstep gradients examples/digits.yaml --output gradients.safetensors",
        "lockstep gradients job.yaml --weights initial.safetensors --output gradients.safetensors",
        "The file has loss, outputs, gradient.inputs, gradient.NAME and parameter.NAME; rows are in the order of 'samples'. Open it with safetensors.torch.load_file.",
    ];

    public Command Create(CommandServices services)
    {
        var command = new Command("gradients", "Write outputs, loss and gradient of a job's first minibatch, with penalties and before clipping, and the initial parameters.")
        {
            _job, _output, _weights, _set, _dataRoot, _threads,
        };
        command.SetAction(parsed => Write(parsed, services));
        return command;
    }

    private int Write(ParseResult parsed, CommandServices services)
    {
        CoordinatorOptions options = RunSetup.Prepare(new RunRequest
        {
            JobFile = parsed.GetValue(_job),
            Overrides = new JobOverrides { Set = parsed.GetValue(_set)!, Weights = parsed.GetValue(_weights) },
            Output = ".",
            Listen = new HostPort("127.0.0.1", 0),
            DataRoot = parsed.GetValue(_dataRoot),
        });
        TrainingPlan plan = TrainingPlan.Create(options.Job, options.Source);
        using FloatBuffer parameters = InitialParameters.Of(plan, options.Source);
        using var gradient = new FirstGradient(plan, parameters, parsed.GetResult(_threads) is null ? services.Cores : parsed.GetValue(_threads));
        string file = parsed.GetValue(_output)!;
        string hash = gradient.Write(file);
        services.Output.WriteLine("loss " + gradient.Loss.ToString("R", CultureInfo.InvariantCulture));
        services.Output.WriteLine($"gradients {file}");
        services.Output.WriteLine($"gradients sha256 {hash}");
        if (gradient.IsFinite)
            return ExitCode.Ok;
        services.Error.WriteLine("error: the gradient is not finite. Look for a learning signal that overflows: inputs that are not scaled, or weights that are too large.");
        return ExitCode.FailedRun;
    }
}
