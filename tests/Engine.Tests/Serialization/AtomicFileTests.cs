using Lockstep.Engine.Serialization;

namespace Lockstep.Engine.Tests.Serialization;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_new_content_replaces_the_old_and_nothing_is_left_beside_it()
    {
        string path = _folder.Write("file", "old");
        _folder.Write("file" + AtomicFile.PartialSuffix, "what a crash left, and longer than the new content");
        AtomicFile.Write(path, "new"u8.ToArray());
        Assert.Equal("new", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Root));
    }

    [Fact]
    public void Until_the_content_is_complete_the_old_file_is_there()
    {
        string path = _folder.Write("file", "old");
        int length = AtomicFile.Write(path, 3, stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            Assert.Equal("old", File.ReadAllText(path));
            return 3;
        });
        Assert.Equal(3, length);
        Assert.Equal("new", File.ReadAllText(path));
    }

    [Fact]
    public void A_failure_in_the_middle_leaves_the_old_file_alone()
    {
        string path = _folder.Write("file", "old");
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write<int>(path, 3, stream =>
        {
            stream.Write("ne"u8);
            throw new InvalidOperationException("in the middle");
        }));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Root));
    }

    [Fact]
    public void A_disk_that_becomes_full_is_reported_as_such()
    {
        string path = _folder.Write("file", "old");
        var fault = Assert.Throws<InsufficientSpaceException>(() => AtomicFile.Write<int>(
            path, 3, _ => throw new IOException("No space left on device", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28)));
        Assert.Null(fault.Available);
        Assert.Equal("old", File.ReadAllText(path));
    }

    [Fact]
    public void More_than_the_disk_has_is_refused_before_anything_is_written()
    {
        string path = _folder["file"];
        var fault = Assert.Throws<InsufficientSpaceException>(() => AtomicFile.Write<int>(
            path, long.MaxValue, _ => throw new InvalidOperationException("must not be reached")));
        Assert.Equal(long.MaxValue, fault.Needed);
        Assert.NotNull(fault.Available);
        Assert.Empty(Directory.GetFiles(_folder.Root));
    }
}
