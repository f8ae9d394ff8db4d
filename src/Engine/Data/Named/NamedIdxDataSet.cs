using Lockstep.Engine.Data.Idx;

namespace Lockstep.Engine.Data.Named;

/// <summary>The data sets that come as the four IDX files of MNIST: 28×28 pixels, ten classes, a training and a test part.</summary>
internal static class NamedIdxDataSet
{
    public const string TrainImages = "train-images-idx3-ubyte";
    public const string TrainLabels = "train-labels-idx1-ubyte";
    public const string TestImages = "t10k-images-idx3-ubyte";
    public const string TestLabels = "t10k-labels-idx1-ubyte";
    private const int Classes = 10;

    /// <param name="name">What it is called, and its folder.</param>
    /// <param name="folders">Where to look.</param>
    /// <param name="unsorted">Whether the files may also lie in the configured folder itself; only one data set of these file names may.</param>
    /// <exception cref="DataException">It is not there, or not as it should be.</exception>
    public static DataParts Load(string name, DataFolders folders, bool unsorted)
    {
        string?[] candidates =
        [
            folders.Configured is null ? null : Path.Combine(folders.Configured, name),
            unsorted ? folders.Configured : null,
            folders.PerUser is null ? null : Path.Combine(folders.PerUser, name),
        ];
        string[] searched = [.. candidates.OfType<string>()];
        string folder = searched.FirstOrDefault(candidate => Find(candidate, TrainImages) is not null) ?? throw Missing(name, searched);
        return new DataParts(
            IdxDataSet.Read(Required(name, folder, TrainImages), Required(name, folder, TrainLabels), $"{name} (training part)", Classes),
            IdxDataSet.Read(Required(name, folder, TestImages), Required(name, folder, TestLabels), $"{name} (test part)", Classes));
    }

    private static string Required(string name, string folder, string file) => Find(folder, file)
        ?? throw new DataException(Path.Combine(folder, file), "The file is missing, gzipped and not.", $"Run: lockstep data get {name}");

    private static string? Find(string folder, string file) =>
        new[] { Path.Combine(folder, file), Path.Combine(folder, file + ".gz") }.FirstOrDefault(File.Exists);

    private static DataException Missing(string name, string[] searched)
    {
        string places = searched.Length == 0
            ? $"{DataFolders.Variable} is not set, and this user has no data folder."
            : $"Searched: {string.Join(", ", searched)}{(Environment.GetEnvironmentVariable(DataFolders.Variable) is null ? $" ({DataFolders.Variable} is not set)" : "")}.";
        return new DataException(name, $"The data set is not on this machine. {places}", $"Run: lockstep data get {name}");
    }
}
