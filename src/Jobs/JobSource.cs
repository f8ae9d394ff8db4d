using Lockstep.Engine.Data;

namespace Lockstep.Jobs;

/// <summary>
/// Where the files are that a job names. Paths in a job stay as they were written, so that the job is the same on every
/// machine; each machine resolves them: an absolute path as it is, else against the base folder, else against the data folder.
/// </summary>
/// <param name="BaseFolder">The job file's folder; on another machine the folder that a worker was given.</param>
/// <param name="DataFolder">Usually what <c>LOCKSTEP_DATA</c> says; null for none.</param>
public sealed record JobSource(string BaseFolder, string? DataFolder)
{
    public const string DataFolderVariable = "LOCKSTEP_DATA";

    public static JobSource OfFolder(string folder) => new(
        Path.GetFullPath(folder),
        Environment.GetEnvironmentVariable(DataFolderVariable) is { Length: > 0 } data ? Path.GetFullPath(data) : null);

    public static JobSource OfJobFile(string jobFile) => OfFolder(Path.GetDirectoryName(Path.GetFullPath(jobFile)) ?? ".");

    /// <summary>The places where a file may be, first choice first.</summary>
    public IEnumerable<string> Candidates(string path)
    {
        yield return Path.GetFullPath(path, BaseFolder);
        if (!Path.IsPathRooted(path) && DataFolder is not null)
            yield return Path.GetFullPath(path, DataFolder);
    }

    /// <summary>The full path of the file; null if it is in none of the places.</summary>
    public string? Find(string path) => Candidates(path).FirstOrDefault(File.Exists);

    /// <summary>The full path with its * and ? where there is such a file; null if there is in none of the places.</summary>
    public string? FindPattern(string path) => Candidates(path).FirstOrDefault(candidate => FilePattern.Find(candidate).Count > 0);

    /// <summary>The full path of the folder; null if it is in none of the places.</summary>
    public string? FindFolder(string path) => Candidates(path).FirstOrDefault(Directory.Exists);

    /// <summary>The full path of the file.</summary>
    /// <exception cref="FileNotFoundException">It is in none of the places, which the message lists.</exception>
    public string Resolve(string path) => Find(path) ?? throw Missing(path, "file");

    /// <summary>The full path of the files, with its * and ?.</summary>
    /// <exception cref="FileNotFoundException">There is none in any of the places, which the message lists.</exception>
    public string ResolvePattern(string path) => FindPattern(path) ?? throw Missing(path, "file");

    /// <summary>The full path of the folder.</summary>
    /// <exception cref="FileNotFoundException">It is in none of the places, which the message lists.</exception>
    public string ResolveFolder(string path) => FindFolder(path) ?? throw Missing(path, "folder");

    private FileNotFoundException Missing(string path, string what) => new(
        $"There is no {what} '{path}'; looked for {string.Join(" and ", Candidates(path))}. Put it there, or set {DataFolderVariable} to the folder that holds it.", path);
}
