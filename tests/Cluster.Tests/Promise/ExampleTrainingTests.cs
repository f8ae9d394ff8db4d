using Lockstep.Cluster.Tests.Harness;

namespace Lockstep.Cluster.Tests.Promise;

/// <summary>The smallest examples, as a user starts them.</summary>
[Collection(ProcessCollection.Name)]
public sealed class ExampleTrainingTests
{
    [Theory]
    [InlineData("perceptron")]
    [InlineData("linear-regression")]
    public async Task The_smallest_examples_reach_their_targets(string name)
    {
        await using var cluster = new ProcessCluster(TestJob.Short);
        LockstepProcess train = cluster.Start("train", ["train", Path.Combine(Folder(), $"{name}.yaml"), "--workers", "1", "--threads", "1", "--output", cluster.Runs]);
        Assert.True(await train.ExitAsync(Bounds.SlowRun) == 0, cluster.Transcript);
        Assert.Contains("completed", train.Transcript, StringComparison.Ordinal);
    }

    private static string Folder()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Cluster.sln")))
            folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? throw new DirectoryNotFoundException("Cluster.sln was not found above the tests"), "examples");
    }
}
