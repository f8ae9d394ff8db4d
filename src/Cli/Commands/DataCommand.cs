using System.CommandLine;
using Lockstep.Cli.Downloads;
using Lockstep.Cli.Exits;
using Lockstep.Cli.Makers;
using Lockstep.Cli.Signals;
using Lockstep.Engine.Data.Named;

namespace Lockstep.Cli.Commands;

/// <summary><c>lockstep data</c>: the data sets that jobs can name.</summary>
internal sealed class DataCommand : ICommandDefinition
{
    private readonly Argument<string> _name = new("NAME") { Description = "The data set, as job files call it." };

    private readonly Option<string> _output = new("--output")
    {
        Description = "The folder for its files. Default: NAME under LOCKSTEP_DATA, or under this user's data folder.",
        HelpName = "DIR",
    };

    private readonly Argument<string> _made = new("NAME") { Description = $"The data set: {string.Join(", ", DataMakers.All.Select(maker => maker.Name))}." };

    private readonly Argument<string> _folder = new("FOLDER") { Description = "The folder to write into: a new or an empty one." };

    private readonly Option<ulong> _seed = new("--seed")
    {
        Description = "What is drawn follows from it: the same seed, the same files.",
        HelpName = "S",
        DefaultValueFactory = _ => 1UL,
    };

    public string[] Examples =>
        ["lockstep data list", "lockstep data get mnist", "LOCKSTEP_DATA=/data lockstep data get mnist", "lockstep data make reversal examples/data/reversal"];

    public Command Create(CommandServices services)
    {
        var list = new Command("list", "Show the data sets that jobs can name, and where they are on this machine.");
        list.SetAction(_ => List(services));
        var get = new Command("get", "Download a data set, checked against its published checksums; what is there already is kept.") { _name, _output };
        _name.CompletionSources.Add([.. DataCatalogue.Entries.Select(entry => entry.Name)]);
        get.SetAction((parsed, _) => GetAsync(parsed, services));
        var make = new Command("make", "Make a data set for the examples, the same to the last byte on every machine.") { _made, _folder, _seed };
        _made.CompletionSources.Add([.. DataMakers.All.Select(maker => maker.Name)]);
        make.SetAction(parsed => Make(parsed, services));
        return new Command("data", "List, download and make data sets.") { list, get, make };
    }

    private static int List(CommandServices services)
    {
        IReadOnlyList<InventoryLine> lines = DataInventory.List(DataFolders.FromEnvironment());
        int width = lines.Max(line => line.Name.Length);
        foreach (InventoryLine line in lines)
        {
            string place = line.Embedded ? "built in" : line.Folder ?? $"not here: lockstep data get {line.Name}";
            services.Output.WriteLine($"{line.Name.PadRight(width)}  {line.Description}");
            services.Output.WriteLine($"{new string(' ', width)}  {line.Origin} · {place}");
        }

        foreach (IDataMaker maker in DataMakers.All)
        {
            services.Output.WriteLine($"{maker.Name.PadRight(width)}  {maker.Description}");
            services.Output.WriteLine($"{new string(' ', width)}  made: lockstep data make {maker.Name} FOLDER");
        }

        return ExitCode.Ok;
    }

    private int Make(ParseResult parsed, CommandServices services)
    {
        var maker = DataMakers.Of(parsed.GetRequiredValue(_made));
        string folder = DataMakers.EmptyFolder(parsed.GetRequiredValue(_folder));
        maker.Make(folder, parsed.GetValue(_seed));
        services.Output.WriteLine($"{maker.Name} is in {folder}");
        return ExitCode.Ok;
    }

    private async Task<int> GetAsync(ParseResult parsed, CommandServices services)
    {
        string name = parsed.GetRequiredValue(_name);
        string folder = parsed.GetValue(_output) ?? DataFolders.FromEnvironment().Destination(name);
        using var cancellation = new CancellationTokenSource();
        using var interruption = new Interruption(services.Time, _ => cancellation.Cancel(), signal => Environment.Exit(ExitCode.SignalBase + signal));
        if (services.TakesSignals)
            interruption.Listen();
        using var downloader = new DataDownloader();
        var lines = new DownloadLines(services.Error, services.Time);
        try
        {
            DownloadResult result = await downloader.GetAsync(name, folder, lines.Report, cancellation.Token).ConfigureAwait(false);
            foreach (SourceFailure failure in result.Failures)
                services.Error.WriteLine($"warning: {failure.Source}: {failure.Reason}");
            foreach (string file in result.Fetched)
                services.Output.WriteLine($"fetched {file}");
            foreach (string file in result.AlreadyThere)
                services.Output.WriteLine($"kept {file}");
            services.Output.WriteLine($"{name} is in {result.Folder}");
            return ExitCode.Ok;
        }
        catch (OperationCanceledException) when (interruption.Signal is not null)
        {
            services.Error.WriteLine("interrupted; run it again to go on where it stopped");
            return ExitCode.SignalBase + interruption.Signal.Value;
        }
    }
}
