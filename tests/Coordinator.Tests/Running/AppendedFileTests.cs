using System.Text;
using Lockstep.Coordinator.Running;

namespace Lockstep.Coordinator.Tests.Running;

public sealed class AppendedFileTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private long _room = long.MaxValue;

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Bytes_are_there_as_soon_as_enough_are_gathered()
    {
        File.WriteAllText(_path, "before ");
        using (AppendedFile file = AppendedFile.Open(_path, writtenFrom: 6))
        {
            file.Append("one "u8);
            Assert.Equal("before ", Text());
            file.Append("two "u8);
            Assert.Equal("before one two ", Text());
            file.Append("end"u8);
        }
        Assert.Equal("before one two end", Text());
    }

    [Fact]
    public void What_a_full_disk_does_not_take_is_kept_and_comes_once_and_in_order_when_there_is_room()
    {
        using AppendedFile file = OnSmallDisk();
        _room = 10;
        file.Append("12345 "u8);
        Assert.Null(file.Obstacle);
        file.Append("67890 "u8);
        Assert.Contains("full", file.Obstacle!.Message, StringComparison.Ordinal);
        // Half of the line is in the file: whoever reads meanwhile finds a line without an end.
        Assert.Equal("12345 6789", Text());
        file.Append("abc "u8);
        Assert.Contains("full", Assert.Throws<IOException>(file.Sync).Message, StringComparison.Ordinal);
        _room = long.MaxValue;
        file.Append("def"u8);
        Assert.Null(file.Obstacle);
        file.Sync();
        Assert.Equal("12345 67890 abc def", Text());
    }

    [Fact]
    public void The_end_of_the_process_on_a_full_disk_is_no_error_of_its_own()
    {
        AppendedFile file = OnSmallDisk();
        _room = 3;
        file.Append("12345"u8);
        file.Dispose();
        Assert.Equal("123", Text());
    }

    [Fact]
    public void Memory_is_not_filled_without_end()
    {
        using AppendedFile file = OnSmallDisk();
        _room = 0;
        byte[] many = new byte[AppendedFile.MostKept / 2];
        file.Append(many);
        file.Append(many);
        Assert.Contains("full", Assert.Throws<IOException>(() => file.Append("x"u8)).Message, StringComparison.Ordinal);
    }

    private AppendedFile OnSmallDisk() => new(
        File.OpenHandle(_path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read),
        writtenFrom: 0,
        (handle, bytes, offset) =>
        {
            int fit = (int)Math.Clamp(_room - offset, 0, bytes.Length);
            RandomAccess.Write(handle, bytes[..fit], offset);
            if (fit < bytes.Length)
                throw new IOException("the disk is full");
        });

    private string Text()
    {
        using var stream = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return reader.ReadToEnd();
    }
}
