using System.CommandLine;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Inspection;
using Lockstep.Engine.Data.Images;
using Lockstep.Jobs;

namespace Lockstep.Cli.Commands;

/// <summary><c>lockstep caption</c>: what a saved model says about images.</summary>
internal sealed class CaptionCommand : ICommandDefinition
{
    private readonly Argument<string> _checkpoint = new("CHECKPOINT")
    {
        Description = "A checkpoint's folder, or a run directory, of which the newest sound checkpoint is taken.",
    };

    private readonly Argument<string[]> _images = new("IMAGE")
    {
        Description = "PNG or JPEG files.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly WritingOptions _writing = new("0");
    private readonly Option<string[]> _set = SharedOptions.Set();
    private readonly Option<string> _dataRoot = SharedOptions.DataRoot();
    private readonly Option<int> _threads = SharedOptions.Threads("Compute threads. Default: all cores; does not change the result.");

    public string[] Examples =>
    [
        "lockstep caption runs/captions-20260101-120000 dog.jpg cat.png",
        "A line an image: its name, and the sentence, between tabs.",
    ];

    public Command Create(CommandServices services)
    {
        var command = new Command("caption", "Let a saved model describe images.") { _checkpoint, _images, _set, _dataRoot, _threads };
        foreach (Option option in _writing.All)
            command.Add(option);
        command.SetAction(parsed => Caption(parsed, services));
        return command;
    }

    private unsafe int Caption(ParseResult parsed, CommandServices services)
    {
        using var model = SavedModel.Open(
            parsed.GetRequiredValue(_checkpoint), new JobOverrides { Set = parsed.GetValue(_set)! }, parsed.GetValue(_dataRoot),
            warning => services.Error.WriteLine("warning: " + warning));
        IReadOnlyList<int> shape = model.Plan.Data.Training.InputShape;
        if (model.Plan.Network.Bridge is null || shape.Count != 3 || shape[0] != 3 || shape[1] != shape[2])
            throw new InputException("The model does not describe images: use one that was trained on captions.");
        int threads = parsed.GetResult(_threads) is null ? services.Cores : parsed.GetValue(_threads);
        Choice choice = _writing.Read(parsed, temperature: 0);
        foreach (string image in parsed.GetRequiredValue(_images))
            services.Output.WriteLine($"{image}\t{Writing.Sentence(model.Plan, model.Parameters.Pointer, ImageInput.Read(image, shape[1]), null, choice, threads)}");
        return ExitCode.Ok;
    }
}
