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

/// <summary><c>lockstep check</c>: are a job's gradients the slopes of its loss?</summary>
internal sealed class CheckCommand : ICommandDefinition
{
    private readonly Argument<string> _job = new("JOB") { Description = "The job file." };
    private readonly Option<string> _weights = SharedOptions.Weights();
    private readonly Option<string[]> _set = SharedOptions.Set();
    private readonly Option<string> _dataRoot = SharedOptions.DataRoot();
    private readonly Option<int> _threads = SharedOptions.Threads("Compute threads. Default: all cores; does not change the result.");

    public string[] Examples =>
    [
        "lockstep check examples/digits.yaml",
        "lockstep check job.yaml --weights initial.safetensors",
        "A line a parameter: the largest relative error of six probes, each the difference of the loss along a direction.",
    ];

    public Command Create(CommandServices services)
    {
        var command = new Command("check", "Compare the gradient of every layer with differences of the loss, on the job's first samples.") { _job, _weights, _set, _dataRoot, _threads };
        command.SetAction(parsed => Check(parsed, services));
        return command;
    }

    private int Check(ParseResult parsed, CommandServices services)
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
        using var check = new GradientCheck(plan, parameters, parsed.GetResult(_threads) is null ? services.Cores : parsed.GetValue(_threads));
        services.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"layer",-24} {"numbers of",-18} {"count",10} {"error",9}  verdict   ({check.Samples} samples)"));
        int wrong = 0;
        foreach (GradientFinding finding in check.Run())
        {
            string error = double.IsNaN(finding.Error) ? "-" : finding.Error.ToString("0.0e+00", CultureInfo.InvariantCulture);
            services.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{finding.Layer,-24} {finding.Name,-18} {finding.Count,10} {error,9}  {finding.Remark ?? (finding.Agrees ? "ok" : "WRONG")}"));
            wrong += finding.Agrees ? 0 : 1;
        }
        if (wrong == 0)
            return ExitCode.Ok;
        services.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"error: {wrong} gradients are not the slopes of the loss within {GradientCheck.Tolerance}. A very steep or kinked loss does this too: try other weights (--weights) or another seed (--set seed=2)."));
        return ExitCode.FailedRun;
    }
}
