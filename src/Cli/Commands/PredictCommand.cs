using System.CommandLine;
using System.Globalization;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Inspection;
using Lockstep.Engine.Serialization;
using Lockstep.Jobs;

namespace Lockstep.Cli.Commands;

/// <summary><c>lockstep predict</c>: what a saved model makes of new inputs.</summary>
internal sealed class PredictCommand : ICommandDefinition
{
    private readonly Argument<string> _checkpoint = new("CHECKPOINT")
    {
        Description = "A checkpoint's folder, or a run directory, of which the newest sound checkpoint is taken.",
    };

    private readonly Argument<string> _input = new("INPUT")
    {
        Description = "A .safetensors file with a tensor 'inputs', F32 [N, input shape], not transformed yet.",
    };

    private readonly Option<string> _output = new("--output")
    {
        Description = "Write the tensor 'outputs' [N, outputs] into this .safetensors file instead of lines. An existing one is replaced.",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _set = SharedOptions.Set();
    private readonly Option<string> _dataRoot = SharedOptions.DataRoot();
    private readonly Option<int> _threads = SharedOptions.Threads("Compute threads. Default: all cores; does not change the result.");

    public string[] Examples =>
    [
        "lockstep predict runs/digits-20260101-120000 images.safetensors",
        "lockstep predict runs/digits-20260101-120000 images.safetensors --output outputs.safetensors",
        "A line a sample: its number, and the class with its probability, or the values; between tabs.",
    ];

    public Command Create(CommandServices services)
    {
        var command = new Command("predict", "Run a saved model over inputs.") { _checkpoint, _input, _output, _set, _dataRoot, _threads };
        command.SetAction(parsed => Predict(parsed, services));
        return command;
    }

    private unsafe int Predict(ParseResult parsed, CommandServices services)
    {
        using var model = SavedModel.Open(
            parsed.GetRequiredValue(_checkpoint), new JobOverrides { Set = parsed.GetValue(_set)! }, parsed.GetValue(_dataRoot),
            warning => services.Error.WriteLine("warning: " + warning));
        int threads = parsed.GetResult(_threads) is null ? services.Cores : parsed.GetValue(_threads);
        Prediction prediction = Prediction.Of(model.Plan, model.Parameters.Pointer, parsed.GetRequiredValue(_input), threads);
        if (parsed.GetValue(_output) is { } file)
        {
            using FileStream stream = File.Create(file);
            SafetensorsWriter.Write(stream, [TensorData.Of("outputs", [prediction.Count, prediction.OutputLength], prediction.Outputs)]);
            services.Output.WriteLine($"outputs {file}");
            return ExitCode.Ok;
        }

        IReadOnlyList<string>? classes = model.Plan.Data.Training.HasClasses ? model.Plan.Data.Training.ClassNames : null;
        for (int sample = 0; sample < prediction.Count; sample++)
            services.Output.WriteLine(Line(prediction, sample, classes));
        return ExitCode.Ok;
    }

    private static string Line(Prediction prediction, int sample, IReadOnlyList<string>? classes)
    {
        if (classes is not null)
        {
            int best = prediction.ClassOf(sample);
            return string.Create(CultureInfo.InvariantCulture, $"{sample}\t{classes[best]}\t{prediction.ProbabilityOf(sample, best):0.0000}");
        }

        var values = new List<string> { sample.ToString(CultureInfo.InvariantCulture) };
        foreach (float value in prediction.Row(sample))
            values.Add(value.ToString("R", CultureInfo.InvariantCulture));
        return string.Join('\t', values);
    }
}
