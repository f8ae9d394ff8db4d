using System.CommandLine;
using System.Globalization;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Inspection;
using Lockstep.Cli.Pictures;
using Lockstep.Coordinator.Checkpoints;
using Lockstep.Engine.Data;
using Lockstep.Engine.Layers;
using Lockstep.Jobs;

namespace Lockstep.Cli.Commands;

/// <summary><c>lockstep pictures</c>: a saved model's filters, and what its layers make of a sample, as PNG files.</summary>
internal sealed class PicturesCommand : ICommandDefinition
{
    private readonly Argument<string> _checkpoint = new("CHECKPOINT")
    {
        Description = "A checkpoint's folder, or a run directory, of which the newest sound checkpoint is taken.",
    };

    private readonly Option<string> _layer = new("--layer")
    {
        Description = "The layer, by its name or its index from 0. Default: the first whose weights are pictures.",
        HelpName = "LAYER",
    };

    private readonly Option<int?> _sample = new("--sample")
    {
        Description = "Draw the layer's output for this sample of the validation part (of the training part where there is none), from 0.",
        HelpName = "N",
    };

    private readonly Option<string> _output = new("--output") { Description = "The folder to write into. Default: plots, in the run directory.", HelpName = "DIR" };
    private readonly Option<string[]> _set = SharedOptions.Set();
    private readonly Option<string> _dataRoot = SharedOptions.DataRoot();

    public string[] Examples =>
    [
        "lockstep pictures runs/lenet-20260101-120000",
        "lockstep pictures runs/lenet-20260101-120000 --layer 3 --sample 7",
    ];

    public Command Create(CommandServices services)
    {
        var command = new Command("pictures", "Draw a saved model's filters, or a layer's output for a sample, as PNG files.") { _checkpoint, _layer, _sample, _output, _set, _dataRoot };
        command.SetAction(parsed => Draw(parsed, services));
        return command;
    }

    private unsafe int Draw(ParseResult parsed, CommandServices services)
    {
        using var model = SavedModel.Open(
            parsed.GetRequiredValue(_checkpoint), new JobOverrides { Set = parsed.GetValue(_set)! }, parsed.GetValue(_dataRoot),
            warning => services.Error.WriteLine("warning: " + warning));
        Layer? chosen = parsed.GetValue(_layer) is { } choice ? LayerChoice.Of(model.Plan.Network, choice) : FilterPicture.FirstOf(model.Plan.Network);
        if (chosen is not { } layer)
            throw new InputException("No layer of this model has weights that are pictures: a conv2d, or a dense layer on images. Draw a layer's output: --layer NAME --sample N");
        var pictures = new List<(string Name, Picture Picture)>();
        if (FilterPicture.Of(model.Plan.Network, layer, model.Parameters.Pointer) is { } filters)
            pictures.Add(("filters", filters));
        if (parsed.GetValue(_sample) is { } sample)
            pictures.Add((string.Create(CultureInfo.InvariantCulture, $"sample-{sample}"), Features(model, layer, sample, services.Cores)));
        if (pictures.Count == 0)
            throw new InputException($"The weights of layer {layer} are no pictures. Draw its output for a sample: --sample N");

        string checkpoint = model.Checkpoint.Path.TrimEnd(Path.DirectorySeparatorChar);
        string folder = parsed.GetValue(_output) ?? Path.Combine(RunOf(checkpoint), "plots");
        Directory.CreateDirectory(folder);
        foreach ((string name, Picture picture) in pictures)
        {
            string file = Path.Combine(folder, $"{Path.GetFileName(checkpoint)}-{layer.Name}-{name}.png");
            using FileStream stream = File.Create(file);
            PngFile.Write(stream, picture);
            services.Output.WriteLine($"picture {file}");
        }
        return ExitCode.Ok;
    }

    private static Picture Features(SavedModel model, Layer layer, int sample, int threads)
    {
        DataSet data = model.Plan.Data.Validation ?? model.Plan.Data.Training;
        if (sample < 0 || sample >= data.Count)
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"--sample {sample}: {data.Name} has samples from 0 to {data.Count - 1}."));
        if (model.Plan.Chunks is not null)
            throw new InputException("The model is trained on chunks of sequences, and features are of whole samples. Take a model without truncatedBptt.");
        LayerFeatures features = LayerFeatures.Of(model, layer, data, sample + 1, threads);
        return FeaturePicture.Of(features.Shape, features.Row(sample));
    }

    // runs/NAME/checkpoints/step-…; a checkpoint that lies elsewhere gets its pictures beside it.
    private static string RunOf(string checkpoint)
    {
        string parent = Path.GetDirectoryName(Path.GetFullPath(checkpoint))!;
        return Path.GetFileName(parent) == CheckpointFiles.Folder ? Path.GetDirectoryName(parent)! : parent;
    }
}
