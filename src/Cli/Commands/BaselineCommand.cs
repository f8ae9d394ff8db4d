using System.CommandLine;
using System.Globalization;
using Lockstep.Cli.Addresses;
using Lockstep.Cli.Baselines;
using Lockstep.Cli.Runs;
using Lockstep.Coordinator.Running;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Named;
using Lockstep.Jobs;
using Lockstep.Jobs.Planning;

namespace Lockstep.Cli.Commands;

/// <summary><c>lockstep baseline</c>: what a job's model must beat to have learned anything.</summary>
internal sealed class BaselineCommand : ICommandDefinition
{
    private readonly Argument<string> _job = new("JOB") { Description = "The job file." };
    private readonly Option<string[]> _set = SharedOptions.Set();
    private readonly Option<string> _dataRoot = SharedOptions.DataRoot();

    public string[] Examples =>
    [
        "lockstep baseline examples/sp500.yaml",
        "Values: the training part's mean, and of a time series no change. Text: n-grams of order 1 to 8. Classes: the most frequent one.",
        "All know the training part alone; the metrics are those of the validation part, as a model's are.",
    ];

    public Command Create(CommandServices services)
    {
        var command = new Command("baseline", "Show what forecasts without a network reach on a job's validation part.") { _job, _set, _dataRoot };
        command.SetAction(parsed => Show(parsed, services));
        return command;
    }

    private int Show(ParseResult parsed, CommandServices services)
    {
        CoordinatorOptions options = RunSetup.Prepare(new RunRequest
        {
            JobFile = parsed.GetValue(_job),
            Overrides = new JobOverrides { Set = parsed.GetValue(_set)! },
            Output = ".",
            Listen = new HostPort("127.0.0.1", 0),
            DataRoot = parsed.GetValue(_dataRoot),
        });
        DataParts data = DataSets.Load(options.Job.DataSpec(options.Source), DataFolders.FromEnvironment());
        IReadOnlyList<Baseline> baselines = Baselines.Baselines.Of(options.Job, data);
        services.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"samples {data.Validation!.Count} of {data.Validation.Name}"));
        int width = baselines.Max(baseline => baseline.Name.Length);
        foreach (Baseline baseline in baselines)
            services.Output.WriteLine(baseline.Line(width));
        return Exits.ExitCode.Ok;
    }
}
