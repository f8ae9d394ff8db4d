namespace Lockstep.Engine.Tests.Library;

public sealed class LibraryExampleTests
{
    [Fact]
    public void The_example_of_the_README_learns_exclusive_or() =>
        Assert.Equal([0, 1, 1, 0], LibraryExample.LearnExclusiveOr(steps: 300));

    [Fact]
    public void Without_steps_it_has_not_learnt_it() =>
        Assert.NotEqual([0, 1, 1, 0], LibraryExample.LearnExclusiveOr(steps: 0));

    [Fact]
    public void The_README_shows_the_example_that_is_tested()
    {
        string root = Root();
        string source = File.ReadAllText(Path.Combine(root, "tests", "Engine.Tests", "Library", "LibraryExample.cs"));
        string readme = File.ReadAllText(Path.Combine(root, "README.md"));
        int begin = source.IndexOf("// begin README\n", StringComparison.Ordinal) + "// begin README\n".Length;
        int end = source.IndexOf("    // end README", StringComparison.Ordinal);
        IEnumerable<string> lines = source[begin..end].TrimEnd().Split('\n').Select(line => line.StartsWith("    ", StringComparison.Ordinal) ? line[4..] : line);
        Assert.Contains(string.Join('\n', lines), readme, StringComparison.Ordinal);
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Cluster.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException($"Cluster.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}
