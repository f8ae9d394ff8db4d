using System.CommandLine;
using System.Globalization;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Inspection;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Engine.Data;
using Lockstep.Jobs;

namespace Lockstep.Cli.Commands;

/// <summary><c>lockstep evaluate</c>: how good a saved model is.</summary>
internal sealed class EvaluateCommand : ICommandDefinition
{
    private readonly Argument<string> _checkpoint = new("CHECKPOINT")
    {
        Description = "A checkpoint's folder, or a run directory, of which the newest sound checkpoint is taken.",
    };

    private readonly Option<string> _data = new("--data")
    {
        Description = "The samples: validation, training, FILE.safetensors (inputs, targets), or two IDX files as IMAGES,LABELS.",
        HelpName = "SAMPLES",
        DefaultValueFactory = _ => EvaluationData.Validation,
    };

    private readonly Option<string[]> _set = SharedOptions.Set();
    private readonly Option<string> _dataRoot = SharedOptions.DataRoot();
    private readonly Option<int> _threads = SharedOptions.Threads("Compute threads. Default: all cores; does not change the result.");

    public string[] Examples =>
    [
        "lockstep evaluate runs/digits-20260101-120000",
        "lockstep evaluate runs/digits-20260101-120000/checkpoints/step-0000000450 --data training",
    ];

    public Command Create(CommandServices services)
    {
        var command = new Command("evaluate", "Compute loss and metrics of a saved model.") { _checkpoint, _data, _set, _dataRoot, _threads };
        command.SetAction(parsed => Evaluate(parsed, services));
        return command;
    }

    private unsafe int Evaluate(ParseResult parsed, CommandServices services)
    {
        using var model = SavedModel.Open(
            parsed.GetRequiredValue(_checkpoint), new JobOverrides { Set = parsed.GetValue(_set)! }, parsed.GetValue(_dataRoot),
            warning => services.Error.WriteLine("warning: " + warning));
        DataSet data = EvaluationData.Choose(model.Plan, parsed.GetRequiredValue(_data));
        int threads = parsed.GetResult(_threads) is null ? services.Cores : parsed.GetValue(_threads);
        services.Output.WriteLine($"checkpoint {model.Checkpoint.Path}");
        services.Output.WriteLine($"model sha256 {model.Checkpoint.State.Files[CheckpointFiles.Model]}");
        services.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"samples {data.Count} of {data.Name}"));
        foreach ((string name, double value) in Evaluation.Of(model.Plan, model.Parameters.Pointer, data, threads))
            services.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name} {value:0.######}"));
        return ExitCode.Ok;
    }
}
