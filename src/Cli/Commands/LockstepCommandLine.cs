using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Lockstep.Cli.Doctor;
using Lockstep.Cli.Exits;

namespace Lockstep.Cli.Commands;

/// <summary>The whole command line: parses, runs a command, and turns every failure into a message and an exit code.</summary>
public sealed class LockstepCommandLine
{
    private static readonly string[] Notes =
    [
        "Exit codes:",
        "  0 done · 1 failed run · 2 bad input · 3 target missed · 4 another coordinator leads · 130 and 143 interrupted (after a checkpoint)",
        "",
        "Shell completion in bash (put it into ~/.bashrc):",
        """  _lockstep() { local IFS=$'\n'; COMPREPLY=($(lockstep "[suggest:$COMP_POINT]" "$COMP_LINE")); }; complete -F _lockstep lockstep""",
        "",
    ];

    private readonly CommandServices _services;
    private readonly RootCommand _root;

    private readonly Option<bool> _verbose = new("--verbose")
    {
        Description = "Show the details of an unexpected error.",
        Recursive = true,
    };

    public LockstepCommandLine(CommandServices services)
    {
        _services = services;
        _root = new RootCommand("Train neural networks on many machines; the model depends on the job file and the data alone, bit for bit.") { _verbose };
        var help = new Dictionary<Command, string[]>();
        ICommandDefinition[] definitions =
        [
            new TrainCommand(), new CoordinatorCommand(), new WorkerCommand(), new EvaluateCommand(), new PredictCommand(), new GradientsCommand(),
            new SampleCommand(), new CaptionCommand(), new ForecastCommand(), new CheckCommand(), new BaselineCommand(), new SimulateCommand(), new ChaosCommand(), new EmbedCommand(), new PicturesCommand(),
            new DataCommand(), new SchemaCommand(), new DoctorCommand(),
        ];
        foreach (ICommandDefinition definition in definitions)
        {
            Command command = definition.Create(services);
            help[command] = ["Examples:", .. definition.Examples.Select(line => "  " + line), ""];
            _root.Add(command);
        }

        help[_root] = ["Examples:", "  lockstep train examples/digits.yaml --workers 2", "  lockstep train --help", "", .. Notes];
        ExamplesHelp.Attach(_root, help);
        _root.Options.OfType<VersionOption>().Single().Action = new VersionLine();
    }

    /// <summary>Runs it.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        ParseResult parsed = _root.Parse(arguments);
        var configuration = new InvocationConfiguration
        {
            Output = _services.Output,
            Error = _services.Error,
            EnableDefaultExceptionHandler = false,
            // The library would cut a checkpoint off after a signal; signals are taken elsewhere.
            ProcessTerminationTimeout = null,
        };
        try
        {
            if (parsed.Action is ParseErrorAction)
                return Refuse(parsed, configuration);
            return await parsed.InvokeAsync(configuration).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            return Report(e, parsed.GetValue(_verbose));
        }
    }

    private int Refuse(ParseResult parsed, InvocationConfiguration configuration)
    {
        Command command = parsed.CommandResult.Command;
        // A command that is not known leaves all that follows it unmatched: it alone is the mistake.
        if (command == _root && parsed.UnmatchedTokens.Count > 0)
            parsed = _root.Parse([parsed.UnmatchedTokens[0]]);
        var mistakes = (ParseErrorAction)parsed.Action!;
        mistakes.ShowHelp = parsed.Tokens.Count == 0;
        mistakes.ShowTypoCorrections = true;
        parsed.Invoke(configuration);
        if (!mistakes.ShowHelp)
            _services.Error.WriteLine($"Try: lockstep {(command == _root ? "" : Path(command) + " ")}--help");
        return ExitCode.BadInput;
    }

    private int Report(Exception exception, bool verbose)
    {
        Exception cause = exception is LoggedException { InnerException: { } inner } ? inner : exception;
        Fault fault = Faults.Of(cause);
        _services.Error.WriteLine("error: " + fault.Message);
        if (fault.ExitCode == ExitCode.BadInput)
            return fault.ExitCode;
        if (verbose)
            _services.Error.WriteLine(cause);
        else if (exception is LoggedException { LogFile: { } file })
            _services.Error.WriteLine($"The details are in {file}");
        else
            _services.Error.WriteLine("Run it again with --verbose for the details.");
        return fault.ExitCode;
    }

    private string Path(Command command) => command.Parents.OfType<Command>().FirstOrDefault() is { } parent && parent != _root
        ? $"{Path(parent)} {command.Name}"
        : command.Name;

    private sealed class VersionLine : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(Product.VersionLine);
            return ExitCode.Ok;
        }
    }
}
