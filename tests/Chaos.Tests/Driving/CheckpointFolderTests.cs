using Lockstep.Chaos.Driving;

namespace Lockstep.Chaos.Tests.Driving;

public sealed class CheckpointFolderTests : IDisposable
{
    private readonly string _run = Directory.CreateTempSubdirectory("lockstep-chaos-").FullName;

    public void Dispose() => Directory.Delete(_run, recursive: true);

    [Fact]
    public void A_run_without_checkpoints_has_none_to_damage()
    {
        Assert.Empty(CheckpointFolder.Of(_run));
        Assert.Null(CheckpointFolder.Damage(_run, 3, 1));
    }

    [Theory]
    [InlineData(0, "a", 0)]
    [InlineData(3, "a", 3)]
    [InlineData(4, "b", 0)]
    [InlineData(19, "b", 5)]
    public void One_bit_of_one_byte_of_the_newest_is_flipped(long at, string file, int position)
    {
        Make();
        Assert.Equal(file, Path.GetFileName(CheckpointFolder.Damage(_run, at, 5)));
        byte[] expected = [1, 1, 1, 1, 1, 1];
        expected[position] ^= 32;
        Assert.Equal(expected[..(file == "a" ? 4 : 6)], Read("step-0000000010", file));
        Assert.Equal([1, 1, 1, 1], Read("step-0000000005", "a"));
    }

    [Fact]
    public void Or_its_file_is_cut_off()
    {
        Make();
        CheckpointFolder.Damage(_run, 6, -1);
        Assert.Equal([1, 1], Read("step-0000000010", "b"));
    }

    private void Make()
    {
        foreach (string step in (string[])["step-0000000005", "step-0000000010", "step-0000000015.partial"])
        {
            string folder = Directory.CreateDirectory(Path.Combine(_run, "checkpoints", step)).FullName;
            File.WriteAllBytes(Path.Combine(folder, "a"), [1, 1, 1, 1]);
            File.WriteAllBytes(Path.Combine(folder, "b"), [1, 1, 1, 1, 1, 1]);
        }
    }

    private byte[] Read(string step, string file) => File.ReadAllBytes(Path.Combine(_run, "checkpoints", step, file));
}
