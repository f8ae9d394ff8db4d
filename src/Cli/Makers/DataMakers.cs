using Lockstep.Cli.Exits;

namespace Lockstep.Cli.Makers;

/// <summary>The data sets that can be made.</summary>
internal static class DataMakers
{
    public static IReadOnlyList<IDataMaker> All { get; } = [new ReversalMaker(), new ShapesMaker(), new TonesMaker()];

    /// <summary>The maker of a data set.</summary>
    /// <exception cref="InputException">There is none of that name.</exception>
    public static IDataMaker Of(string name) => All.FirstOrDefault(maker => maker.Name == name)
        ?? throw new InputException($"No data set called '{name}' can be made. There are {string.Join(", ", All.Select(maker => maker.Name))}.");

    /// <summary>The folder, made where it is not there.</summary>
    /// <exception cref="InputException">There is something in it, or it is a file.</exception>
    public static string EmptyFolder(string path)
    {
        if (File.Exists(path))
            throw new InputException($"{path} is a file. Give a folder to write into.");
        if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
            throw new InputException($"The folder {path} is not empty, and nothing is overwritten. Give another one, or delete it.");
        return Directory.CreateDirectory(path).FullName;
    }
}
