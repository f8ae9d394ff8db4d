using System.IO.Enumeration;
using Lockstep.Engine.Data.Text;

namespace Lockstep.Engine.Data;

/// <summary>
/// The files that a path with wildcards means: in any of its names <c>*</c> stands for any characters and <c>?</c> for one, but a name that begins with a dot
/// is only met by a pattern that does. Case counts, everywhere. The order is that of the UTF-8 bytes of the paths with <c>/</c> between names.
/// </summary>
public static class FilePattern
{
    /// <summary>The files; none where there are none. A file whose name is the path itself is meant before all patterns.</summary>
    /// <exception cref="DataException">A folder on the way cannot be read.</exception>
    public static IReadOnlyList<string> Find(string path)
    {
        if (File.Exists(path))
            return [path];
        if (!HasWildcards(path))
            return [];
        string full = Path.GetFullPath(path);
        string root = Path.GetPathRoot(full)!;
        string[] names = full[root.Length..].Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> found = [root];
        for (int i = 0; i < names.Length; i++)
        {
            (string name, bool isLast) = (names[i], i == names.Length - 1);
            found = found.SelectMany(folder => Step(folder, name, isLast));
        }
        try
        {
            return [.. found.OrderBy(file => file[root.Length..].Replace(Path.DirectorySeparatorChar, '/'), Vocabulary.ByUtf8)];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new DataException(path, $"A folder cannot be read: {fault.Message}", "Check the path and the permissions.", fault);
        }
    }

    /// <summary>The same; there must be one.</summary>
    /// <exception cref="DataException">There is none.</exception>
    public static IReadOnlyList<string> Require(string path)
    {
        IReadOnlyList<string> files = Find(path);
        return files.Count > 0 ? files : throw new DataException(path, "There is no such file.", "Check the path; relative paths count from the job file.");
    }

    private static bool HasWildcards(string name) => name.AsSpan().ContainsAny('*', '?');

    private static IEnumerable<string> Step(string folder, string name, bool isLast)
    {
        if (!HasWildcards(name))
        {
            string one = Path.Combine(folder, name);
            return (isLast ? File.Exists(one) : Directory.Exists(one)) ? [one] : [];
        }
        IEnumerable<string> entries = isLast ? Directory.EnumerateFiles(folder) : Directory.EnumerateDirectories(folder);
        return entries.Where(entry => Matches(name, Path.GetFileName(entry)));
    }

    private static bool Matches(string pattern, string name) =>
        (name[0] != '.' || pattern[0] == '.') && FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
