using Lockstep.Engine.Data.Cifar;

namespace Lockstep.Engine.Data.Named;

/// <summary>
/// CIFAR-10 from one of the data folders: the six files of its binary version, <c>data_batch_1.bin</c> to <c>data_batch_5.bin</c> and
/// <c>test_batch.bin</c>, or <c>train.bin</c> and <c>test.bin</c>; each may be gzipped (<c>.bin.gz</c>).
/// </summary>
internal static class NamedCifarDataSet
{
    private const string Name = "cifar10";
    private const string Unpacked = "cifar-10-batches-bin";
    private static readonly string[] Whole = ["train.bin"];
    private static readonly string[] Batches = [.. Enumerable.Range(1, 5).Select(number => $"data_batch_{number}.bin")];

    /// <exception cref="DataException">It is not there, or not as it should be.</exception>
    public static DataParts Load(DataFolders folders)
    {
        string[] searched = [.. Folders(folders)];
        foreach (string folder in searched)
        {
            foreach ((string[] training, string test) in (ReadOnlySpan<(string[], string)>)[(Batches, "test_batch.bin"), (Whole, "test.bin")])
            {
                if (Find(folder, training[0]) is null)
                    continue;
                return new DataParts(
                    CifarDataSet.Read([.. training.Select(file => Required(folder, file))], $"{Name} (training part)"),
                    CifarDataSet.Read([Required(folder, test)], $"{Name} (test part)"));
            }
        }
        string places = searched.Length == 0 ? $"{DataFolders.Variable} is not set, and this user has no data folder." : $"Searched: {string.Join(", ", searched)}.";
        throw new DataException(
            Name, $"The data set is not on this machine. {places}",
            $"Run: lockstep data get {Name}");
    }

    private static IEnumerable<string> Folders(DataFolders folders)
    {
        foreach (string root in new[] { folders.Configured, folders.PerUser }.OfType<string>())
        {
            yield return Path.Combine(root, Name);
            yield return Path.Combine(root, Name, Unpacked);
            yield return Path.Combine(root, Unpacked);
            yield return Path.Combine(root, "cifar10-6k");
        }
    }

    private static string Required(string folder, string file) => Find(folder, file)
        ?? throw new DataException(Path.Combine(folder, file), "The file is missing, gzipped and not.", $"Run: lockstep data get {Name}");

    private static string? Find(string folder, string file) =>
        new[] { Path.Combine(folder, file), Path.Combine(folder, file + ".gz") }.FirstOrDefault(File.Exists);
}
