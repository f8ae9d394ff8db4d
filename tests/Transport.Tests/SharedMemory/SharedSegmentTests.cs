using Lockstep.Transport.SharedMemory;

namespace Lockstep.Transport.Tests.SharedMemory;

public sealed unsafe class SharedSegmentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("segments").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_one_mapping_writes_the_other_reads_even_after_the_name_is_gone()
    {
        using var made = SharedSegment.Create(Path.Combine(_folder, "a"), 10_000);
        using var opened = SharedSegment.Open(made.Path, 10_000);
        Assert.Equal(0, opened.Pointer[9_999]);
        made.Pointer[9_999] = 7;
        opened.Unlink();
        made.Pointer[0] = 3;
        Assert.Equal((3, 7), (opened.Pointer[0], opened.Pointer[9_999]));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_mapping_outlives_the_one_that_was_made_first()
    {
        var made = SharedSegment.Create(Path.Combine(_folder, "a"), 64);
        using var opened = SharedSegment.Open(made.Path, 64);
        made.Pointer[1] = 9;
        made.Dispose();
        made.Dispose();
        Assert.Throws<ObjectDisposedException>(() => (nint)made.Pointer);
        Assert.Equal(9, opened.Pointer[1]);
    }

    [Fact]
    public void A_segment_of_another_length_is_not_mapped()
    {
        using var made = SharedSegment.Create(Path.Combine(_folder, "a"), 100);
        Assert.Contains("100 bytes instead of 101", Assert.Throws<IOException>(() => SharedSegment.Open(made.Path, 101)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => SharedSegment.Open(Path.Combine(_folder, "b"), 100));
    }

    [Fact]
    public void A_segment_without_room_is_an_error_and_leaves_no_file()
    {
        // More than any file system of today has.
        Assert.ThrowsAny<IOException>(() => SharedSegment.Create(Path.Combine(_folder, "a"), 1L << 60));
        Assert.Empty(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_name_is_not_given_twice()
    {
        using var made = SharedSegment.Create(Path.Combine(_folder, "a"), 8);
        Assert.ThrowsAny<IOException>(() => SharedSegment.Create(made.Path, 8));
        Assert.True(File.Exists(made.Path));
    }

    [Fact]
    public void A_folder_goes_with_its_owner_and_one_whose_owner_died_goes_with_the_next()
    {
        string dead = Directory.CreateDirectory(Path.Combine(_folder, $"lockstep-{int.MaxValue}-x")).FullName, strange = Directory.CreateDirectory(Path.Combine(_folder, "lockstep-strange")).FullName;
        File.WriteAllText(Path.Combine(dead, "segment"), "");
        string path;
        using (var folder = SharedFolder.Create(_folder))
        {
            path = folder.Path;
            using var segment = SharedSegment.Create(SharedFolder.FileOf(path, "a"), 8);
            using var second = SharedFolder.Create(_folder);
            Assert.True(File.Exists(segment.Path));
        }
        Assert.False(Directory.Exists(path));
        Assert.False(Directory.Exists(dead));
        Assert.True(Directory.Exists(strange));
    }
}
