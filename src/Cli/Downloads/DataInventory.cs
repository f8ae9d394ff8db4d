using Lockstep.Engine.Data.Named;

namespace Lockstep.Cli.Downloads;

/// <summary>A data set, and whether it is on this machine.</summary>
/// <param name="Name">What job files call it.</param>
/// <param name="Description">What it is.</param>
/// <param name="Origin">Who made it.</param>
/// <param name="Folder">Where all its files are; null where they are not. Only their names are looked at.</param>
/// <param name="Embedded">Whether it comes with the program.</param>
public sealed record InventoryLine(string Name, string Description, string Origin, string? Folder, bool Embedded);

/// <summary>What <c>lockstep data list</c> tells.</summary>
public static class DataInventory
{
    public static IReadOnlyList<InventoryLine> List(DataFolders folders) =>
    [
        new InventoryLine("digits", "1,437 + 360 handwritten digits, 8×8 pixels, 10 classes", "E. Alpaydin, C. Kaynak 1998 (UCI), CC BY 4.0", null, Embedded: true),
        .. DataCatalogue.Entries.Select(entry => new InventoryLine(entry.Name, entry.Description, entry.Origin, Find(entry, folders), Embedded: false)),
    ];

    private static string? Find(CatalogueEntry entry, DataFolders folders) => new[] { folders.Configured, folders.PerUser }
        .OfType<string>()
        .Select(root => Path.Combine(root, entry.Name))
        .FirstOrDefault(folder => entry.Files.All(file => DataDownloader.Candidates(folder, file).Any(File.Exists)));
}
