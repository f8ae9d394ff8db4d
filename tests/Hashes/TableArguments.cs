namespace Lockstep.Hashes;

/// <summary>What the table is asked for.</summary>
/// <param name="Jobs">Names of the jobs.</param>
/// <param name="Repository">The folder of the solution.</param>
public sealed record TableArguments(IReadOnlyList<string> Jobs, string Repository)
{
    /// <summary>Reads the command line; null where it is wrong, and what is wrong with it.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="known">All jobs.</param>
    /// <param name="fault">A sentence.</param>
    public static TableArguments? Parse(string[] arguments, IReadOnlyList<string> known, out string? fault)
    {
        IReadOnlyList<string> jobs = known;
        string repository = ".";
        fault = null;
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] != "--jobs")
                repository = arguments[i];
            else if (++i < arguments.Length)
                jobs = arguments[i].Split(',');
            else
                fault = "--jobs needs names, lstm,gru for instance.";
        }
        if (jobs.FirstOrDefault(job => !known.Contains(job)) is { } unknown)
            fault = $"There is no job '{unknown}'. There are {string.Join(", ", known)}.";
        else if (!File.Exists(Path.Combine(repository, "Cluster.sln")))
            fault = $"There is no Cluster.sln in '{repository}'. Start this in the folder that holds it, or name that folder.";
        return fault is null ? new TableArguments(jobs, repository) : null;
    }
}
