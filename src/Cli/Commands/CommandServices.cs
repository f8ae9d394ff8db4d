using Lockstep.Cli.Runs;
using Lockstep.Launch;

namespace Lockstep.Cli.Commands;

/// <summary>What the commands use of the world, so that tests can give them another one.</summary>
public sealed record CommandServices
{
    /// <summary>Results.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Messages about what went wrong.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether the output is a terminal that can be redrawn.</summary>
    public required bool Interactive { get; init; }

    /// <summary>Reads a variable; null where it is not set.</summary>
    public required Func<string, string?> Environment { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Runs coordinators and workers in this process.</summary>
    public required IRunHost Host { get; init; }

    /// <summary>Starts worker processes.</summary>
    public required IProcessStarter Processes { get; init; }

    /// <summary>How to start this program once more.</summary>
    public required Func<ThisProgram> Program { get; init; }

    /// <summary>Takes the signals of the system; false in tests.</summary>
    public bool TakesSignals { get; init; } = true;

    /// <summary>Cores that this process may use.</summary>
    public int Cores { get; init; } = System.Environment.ProcessorCount;
}
