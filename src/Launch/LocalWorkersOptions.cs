namespace Lockstep.Launch;

/// <summary>What <see cref="LocalWorkers"/> starts, and how it treats what ends.</summary>
public sealed record LocalWorkersOptions
{
    /// <summary>The variable in which a worker finds the join token: a command line would show it to every user of the machine.</summary>
    public const string TokenVariable = "LOCKSTEP_TOKEN";

    /// <summary>How to start this program once more.</summary>
    public required ThisProgram Program { get; init; }

    /// <summary>The arguments of a worker, without the token.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The join token, as text.</summary>
    public required string Token { get; init; }

    /// <summary>More variables for the worker at a place (from 0); null values take inherited ones away. Default: none.</summary>
    public Func<int, IReadOnlyDictionary<string, string?>>? Environment { get; init; }

    /// <summary>When a crashed worker is started again.</summary>
    public RestartPolicy Restarts { get; init; } = new();

    /// <summary>Counts what the kernel ends for want of memory.</summary>
    public MemoryKills MemoryKills { get; init; } = new();

    internal ProcessRequest RequestFor(int place)
    {
        var environment = new Dictionary<string, string?>();
        if (Environment?.Invoke(place) is { } more)
        {
            foreach ((string name, string? value) in more)
                environment[name] = value;
        }

        environment[TokenVariable] = Token;
        return new ProcessRequest(Program.File, [.. Program.LeadingArguments, .. Arguments], environment);
    }
}

/// <summary>Something happened to a worker process that was started here.</summary>
/// <param name="Place">Its place, from 0.</param>
public abstract record LocalWorkerEvent(int Place)
{
    /// <summary>A process runs.</summary>
    public sealed record Started(int Place, int ProcessId) : LocalWorkerEvent(Place);

    /// <summary>It ended; <paramref name="LastLines"/> is the end of what it wrote.</summary>
    public sealed record Ended(int Place, int ProcessId, ProcessEnd End, IReadOnlyList<string> LastLines) : LocalWorkerEvent(Place);

    /// <summary>It crashed, and another one starts after a pause.</summary>
    public sealed record Restarting(int Place, TimeSpan After) : LocalWorkerEvent(Place);

    /// <summary>No other one starts at this place.</summary>
    public sealed record GaveUp(int Place, ProcessEndKind Kind, string Reason) : LocalWorkerEvent(Place);
}
