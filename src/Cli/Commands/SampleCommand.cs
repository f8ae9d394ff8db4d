using System.CommandLine;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Inspection;
using Lockstep.Jobs;

namespace Lockstep.Cli.Commands;

/// <summary><c>lockstep sample</c>: lets a saved model write.</summary>
internal sealed class SampleCommand : ICommandDefinition
{
    private const int DefaultLength = 200;

    private readonly Argument<string> _checkpoint = new("CHECKPOINT")
    {
        Description = "A checkpoint's folder, or a run directory, of which the newest sound checkpoint is taken.",
    };

    private readonly Option<string> _prime = new("--prime")
    {
        Description = "The text to go on from; of a model of pairs the sentence to answer, which it needs.",
        HelpName = "TEXT",
        DefaultValueFactory = _ => "",
    };

    private readonly Option<int> _length = SharedOptions.Positive("--length", $"How many tokens a text goes on for. Default: {DefaultLength}. A sentence ends where it ends.");
    private readonly WritingOptions _writing = new("1 for text, 0 for sentences");
    private readonly Option<string[]> _set = SharedOptions.Set();
    private readonly Option<string> _dataRoot = SharedOptions.DataRoot();
    private readonly Option<int> _threads = SharedOptions.Threads("Compute threads. Default: all cores; does not change the result.");

    public string[] Examples =>
    [
        "lockstep sample runs/shakespeare-20260101-120000 --prime 'ROMEO:' --length 500 --temperature 0.8",
        "lockstep sample runs/english-french-20260101-120000 --prime 'good morning'",
    ];

    public Command Create(CommandServices services)
    {
        var command = new Command("sample", "Let a saved model go on with a text, or answer a sentence.") { _checkpoint, _prime, _length, _set, _dataRoot, _threads };
        foreach (Option option in _writing.All)
            command.Add(option);
        command.SetAction(parsed => Sample(parsed, services));
        return command;
    }

    private unsafe int Sample(ParseResult parsed, CommandServices services)
    {
        using var model = SavedModel.Open(
            parsed.GetRequiredValue(_checkpoint), new JobOverrides { Set = parsed.GetValue(_set)! }, parsed.GetValue(_dataRoot),
            warning => services.Error.WriteLine("warning: " + warning));
        int threads = parsed.GetResult(_threads) is null ? services.Cores : parsed.GetValue(_threads);
        string prime = parsed.GetValue(_prime)!;
        bool answers = model.Plan.Network.Bridge is not null;
        Choice choice = _writing.Read(parsed, temperature: answers ? 0 : 1);
        if (answers && !model.Plan.Data.Training.InputsAreTokens)
            throw new InputException("The model writes about what is no text. Use lockstep caption for images.");
        if (answers && prime.Length == 0)
            throw new InputException("The model answers sentences. Give one: --prime TEXT.");
        services.Output.WriteLine(answers
            ? Writing.Answer(model.Plan, model.Parameters.Pointer, prime, choice, threads)
            : Writing.GoOn(model.Plan, model.Parameters.Pointer, prime, parsed.GetResult(_length) is null ? DefaultLength : parsed.GetValue(_length), choice, threads));
        return ExitCode.Ok;
    }
}
