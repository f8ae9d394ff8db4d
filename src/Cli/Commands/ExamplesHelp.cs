using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Lockstep.Cli.Commands;

/// <summary>The library's help, with examples and notes under it.</summary>
internal sealed class ExamplesHelp : SynchronousCommandLineAction
{
    private readonly HelpAction _help;
    private readonly IReadOnlyDictionary<Command, string[]> _lines;

    public ExamplesHelp(HelpAction help, IReadOnlyDictionary<Command, string[]> lines)
    {
        _help = help;
        _lines = lines;
    }

    public override bool ClearsParseErrors => true;

    /// <summary>Puts the examples under the help of a command tree.</summary>
    public static void Attach(RootCommand root, IReadOnlyDictionary<Command, string[]> lines)
    {
        HelpOption option = root.Options.OfType<HelpOption>().Single();
        option.Action = new ExamplesHelp((HelpAction)option.Action!, lines);
    }

    public override int Invoke(ParseResult parseResult)
    {
        int code = _help.Invoke(parseResult);
        if (_lines.TryGetValue(parseResult.CommandResult.Command, out string[]? lines))
        {
            foreach (string line in lines)
                parseResult.InvocationConfiguration.Output.WriteLine(line);
        }

        return code;
    }
}
