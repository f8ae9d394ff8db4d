using System.CommandLine;
using System.Globalization;

namespace Lockstep.Cli.Commands;

/// <summary>Options that several commands have, so that they read and behave alike.</summary>
internal static class SharedOptions
{
    public const string DefaultOutput = "runs";

    public static Option<int> Positive(string name, string description, string helpName = "N")
    {
        var option = new Option<int>(name) { Description = description, HelpName = helpName };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1
                && (!int.TryParse(result.Tokens[0].Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) || value < 1))
            {
                result.AddError($"{name} takes a whole number from 1 up, not '{result.Tokens[0].Value}'.");
            }
        });
        return option;
    }

    /// <summary>Says that a launcher holds the standard input open, and that the process ends with it.</summary>
    public const string LaunchedName = "--launched";

    public static Option<bool> Launched() => new(LaunchedName)
    {
        Description = "Started by another lockstep process: ends when the standard input closes, and ignores SIGINT.",
        Hidden = true,
    };

    public static Option<int> Threads(string description) => Positive("--threads", description, "K");

    public static Option<string> Output() => new("--output")
    {
        Description = "The folder that run directories are made in.",
        HelpName = "DIR",
        DefaultValueFactory = _ => DefaultOutput,
    };

    public static Option<string[]> Set() => new("--set")
    {
        Description = "Change a value of the job: a dotted key and its value. May be given many times.",
        HelpName = "key=value",
        DefaultValueFactory = _ => [],
    };

    public static Option<int> Steps() => Positive("--steps", "Train this many steps instead of the job's epochs or steps; ends with a checkpoint.", "K");

    public static Option<string> Weights() => new("--weights")
    {
        Description = "Start from the weights in this .safetensors file, by name and shape; or from those of a checkpoint's folder, or of a run's newest checkpoint.",
        HelpName = "FILE|FOLDER",
    };

    public static Option<string> Resume() => new("--resume")
    {
        Description = "Go on from the newest good checkpoint of this run directory; without a value: of the job's newest run in --output.",
        HelpName = "RUNDIR",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Option<bool> Plain() => new("--plain")
    {
        Description = "Plain lines instead of the live screen, on a terminal too.",
    };

    public static Option<string> DataRoot() => new("--data-root")
    {
        Description = "The folder that the job's relative paths start from; by default the job file's own.",
        HelpName = "DIR",
    };

    public static Option<string[]> Join(bool required = true) => new("--join")
    {
        Description = "The coordinator, as it printed it. May be given again for standbys: whoever leads is found among them. Those that come later are learned of the coordinator.",
        HelpName = "HOST:PORT",
        Required = required,
        DefaultValueFactory = required ? null : _ => [],
    };

    public static Option<string> TokenFile() => new("--token-file")
    {
        Description = "Read the join token from this file instead of from the variable LOCKSTEP_TOKEN.",
        HelpName = "FILE",
    };
}
