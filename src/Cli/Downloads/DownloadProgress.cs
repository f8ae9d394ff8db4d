namespace Lockstep.Cli.Downloads;

/// <summary>How far a download is.</summary>
/// <param name="Source">Where from.</param>
/// <param name="File">What is being fetched.</param>
/// <param name="Bytes">How many bytes of it are here.</param>
/// <param name="Total">How many there will be; null where that is not known.</param>
public sealed record DownloadProgress(string Source, string File, long Bytes, long? Total);

/// <summary>What a download has done.</summary>
/// <param name="Folder">Where the files are.</param>
/// <param name="Fetched">The files that were fetched.</param>
/// <param name="AlreadyThere">The files that were there already and are sound.</param>
/// <param name="Failures">The sources that failed before others had what was missing.</param>
public sealed record DownloadResult(
    string Folder,
    IReadOnlyList<string> Fetched,
    IReadOnlyList<string> AlreadyThere,
    IReadOnlyList<SourceFailure> Failures);

/// <summary>Why a source could not serve.</summary>
public sealed record SourceFailure(string Source, string Reason);
