using Lockstep.Launch;

namespace Lockstep.Cluster.Tests.Launch;

public sealed class MemoryKillsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("groups").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("0::/app.slice/x", "app.slice/x/memory.events")]
    [InlineData("5:cpu:/\n4:hugetlb,memory:/docker/x\n0::/", "memory/docker/x/memory.oom_control")]
    [InlineData("0::/somewhere/outside", "memory.events")]
    [InlineData("4:memory:/somewhere/outside", "memory/memory.oom_control")]
    public void The_group_of_this_process_counts_in_either_version(string groups, string file)
    {
        MemoryKills kills = Of(groups);
        Assert.Null(kills.Count());
        Write(file, "low 0\noom 5\noom_kill 3\noom_group_kill 1\n");
        Assert.Equal(3, kills.Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("oom_kill many\n")]
    [InlineData("oom_kill_disable 0\nunder_oom 0\n")]
    public void A_file_that_does_not_count_gives_no_count(string text)
    {
        Write("memory.events", text);
        Assert.Null(Of("0::/").Count());
    }

    [Fact]
    public void A_kill_for_want_of_memory_is_named_and_says_what_to_do()
    {
        Assert.Contains("because memory ran out", ProcessEnd.FromExitCode(137, memoryRanOut: true).Meaning, StringComparison.Ordinal);
        Assert.DoesNotContain("because memory ran out", ProcessEnd.FromExitCode(137).Meaning, StringComparison.Ordinal);
        Assert.Contains("SIGSEGV", ProcessEnd.FromExitCode(139, memoryRanOut: true).Meaning, StringComparison.Ordinal);
    }

    private MemoryKills Of(string groups)
    {
        string own = Path.Combine(_folder, "own");
        File.WriteAllText(own, groups);
        return new MemoryKills(_folder, own);
    }

    private void Write(string file, string text)
    {
        string path = Path.Combine(_folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
