using System.CommandLine;

namespace Lockstep.Cli.Commands;

/// <summary>A command with what its help teaches.</summary>
internal interface ICommandDefinition
{
    /// <summary>Lines to try, shown under the help.</summary>
    string[] Examples { get; }

    /// <summary>Makes the command.</summary>
    Command Create(CommandServices services);
}
