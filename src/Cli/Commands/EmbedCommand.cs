using System.CommandLine;
using System.Globalization;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Inspection;
using Lockstep.Engine.Layers;
using Lockstep.Engine.Serialization;
using Lockstep.Jobs;

namespace Lockstep.Cli.Commands;

/// <summary><c>lockstep embed</c>: the features that any layer of a saved model gives samples.</summary>
internal sealed class EmbedCommand : ICommandDefinition
{
    private readonly Argument<string> _checkpoint = new("CHECKPOINT")
    {
        Description = "A checkpoint's folder, or a run directory, of which the newest sound checkpoint is taken.",
    };

    private readonly Argument<string> _input = new("INPUT")
    {
        Description = "The samples: validation, training, or a .safetensors file with a tensor 'inputs', F32 [N, input shape], not transformed yet.",
    };

    private readonly Option<string> _layer = new("--layer") { Description = "The layer, by its name or its index from 0.", HelpName = "LAYER", Required = true };

    private readonly Option<string> _output = new("--output")
    {
        Description = "The file to write: .safetensors with 'features' [N, layer's shape] (and 'classes' [N]), or .csv with a line a sample. An existing one is replaced.",
        HelpName = "FILE",
        Required = true,
    };

    private readonly Option<string[]> _set = SharedOptions.Set();
    private readonly Option<string> _dataRoot = SharedOptions.DataRoot();
    private readonly Option<int> _threads = SharedOptions.Threads("Compute threads. Default: all cores; does not change the result.");

    public string[] Examples =>
    [
        "lockstep embed runs/digits-20260101-120000 validation --layer hidden --output features.safetensors",
        "lockstep embed runs/digits-20260101-120000 images.safetensors --layer 2 --output features.csv",
    ];

    public Command Create(CommandServices services)
    {
        var command = new Command("embed", "Write what a layer of a saved model makes of samples.") { _checkpoint, _input, _layer, _output, _set, _dataRoot, _threads };
        command.SetAction(parsed => Embed(parsed, services));
        return command;
    }

    private int Embed(ParseResult parsed, CommandServices services)
    {
        string file = parsed.GetRequiredValue(_output);
        bool isTable = file.EndsWith(".csv", StringComparison.OrdinalIgnoreCase);
        if (!isTable && !file.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
            throw new InputException($"--output {file}: features are written as .safetensors or .csv. Give the file one of these endings.");
        using var model = SavedModel.Open(
            parsed.GetRequiredValue(_checkpoint), new JobOverrides { Set = parsed.GetValue(_set)! }, parsed.GetValue(_dataRoot),
            warning => services.Error.WriteLine("warning: " + warning));
        Layer layer = LayerChoice.Of(model.Plan.Network, parsed.GetRequiredValue(_layer));
        int threads = parsed.GetResult(_threads) is null ? services.Cores : parsed.GetValue(_threads);
        LayerFeatures features = LayerFeatures.Of(model, layer, parsed.GetRequiredValue(_input), threads);
        if (isTable)
            WriteTable(file, features);
        else
            WriteTensors(file, features);
        services.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"features {file}: {features.Count} samples of layer {layer}, {features.Shape}"));
        return ExitCode.Ok;
    }

    private static void WriteTensors(string file, LayerFeatures features)
    {
        using FileStream stream = File.Create(file);
        TensorData numbers = TensorData.Of("features", [features.Count, .. features.Shape.Axes], features.Numbers);
        SafetensorsWriter.Write(stream, features.Classes is { } classes ? [TensorData.Of("classes", [classes.Length], classes.Select(c => (long)c).ToArray()), numbers] : [numbers]);
    }

    private static void WriteTable(string file, LayerFeatures features)
    {
        using var writer = new StreamWriter(file) { NewLine = "\n" };
        string[] places = [.. Enumerable.Range(0, features.Shape.Length).Select(i => string.Create(CultureInfo.InvariantCulture, $"x{i}"))];
        writer.WriteLine(string.Join(',', (string[])[.. features.Classes is null ? (string[])["sample"] : ["sample", "class"], .. places]));
        for (int sample = 0; sample < features.Count; sample++)
        {
            writer.Write(sample.ToString(CultureInfo.InvariantCulture));
            if (features.Classes is { } classes)
                writer.Write("," + classes[sample].ToString(CultureInfo.InvariantCulture));
            foreach (float number in features.Row(sample))
                writer.Write("," + number.ToString("R", CultureInfo.InvariantCulture));
            writer.WriteLine();
        }
    }
}
