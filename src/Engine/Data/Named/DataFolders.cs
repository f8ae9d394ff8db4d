namespace Lockstep.Engine.Data.Named;

/// <summary>Where data sets that have a name are looked for.</summary>
/// <param name="Configured">The folder that <see cref="Variable"/> names; null where it names none.</param>
/// <param name="PerUser">The folder into which <c>lockstep data get</c> writes where nothing is configured; null where the user has none.</param>
public sealed record DataFolders(string? Configured, string? PerUser)
{
    /// <summary>The environment variable that names the data folder.</summary>
    public const string Variable = "LOCKSTEP_DATA";

    /// <summary>As this process's environment says.</summary>
    public static DataFolders FromEnvironment()
    {
        string? configured = Environment.GetEnvironmentVariable(Variable);
        string user = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return new DataFolders(
            string.IsNullOrWhiteSpace(configured) ? null : configured,
            user.Length == 0 ? null : Path.Combine(user, "lockstep", "data"));
    }

    /// <summary>Where a data set is to be put when it is fetched.</summary>
    /// <exception cref="DataException">There is no such place.</exception>
    public string Destination(string name) => (Configured ?? PerUser) is { } root
        ? Path.Combine(root, name)
        : throw new DataException(name, "There is no folder to put it in.", $"Set {Variable} to a folder.");
}
