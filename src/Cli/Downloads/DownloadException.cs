using System.Text;

namespace Lockstep.Cli.Downloads;

/// <summary>No source could serve what was asked for.</summary>
public sealed class DownloadException : Exception
{
    public DownloadException(CatalogueEntry entry, string folder, IReadOnlyList<CatalogueFile> missing, IReadOnlyList<SourceFailure> failures)
        : base(Text(entry, folder, missing, failures))
    {
        Entry = entry;
        Failures = failures;
    }

    public CatalogueEntry Entry { get; }

    public IReadOnlyList<SourceFailure> Failures { get; }

    private static string Text(CatalogueEntry entry, string folder, IReadOnlyList<CatalogueFile> missing, IReadOnlyList<SourceFailure> failures)
    {
        var text = new StringBuilder($"{entry.Name} could not be fetched:\n");
        foreach (SourceFailure failure in failures)
            text.Append($"  {failure.Source}: {failure.Reason}\n");
        text.Append($"Run the command again to go on where it stopped, or put these files into {folder} yourself:\n");
        foreach (CatalogueFile file in missing)
            text.Append($"  {file.Name}{(file.OfContent ? "" : ".gz")}{(file.OfContent && entry.Sources.OfType<FileMirror>().Any() ? " or " + file.Name + ".gz" : "")} ({(file.OfContent ? "content" : "file")} of {file.Bytes} bytes, SHA-256 {file.Sha256})\n");
        return text.ToString().TrimEnd('\n');
    }
}

/// <summary>A source that could not serve; the next one is tried.</summary>
internal sealed class SourceException(string reason, Exception? inner = null) : Exception(reason, inner);
