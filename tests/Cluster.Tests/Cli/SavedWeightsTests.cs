using Lockstep.Cli.Exits;
using Lockstep.Cli.Runs;
using Lockstep.Coordinator.Checkpoints;

namespace Lockstep.Cluster.Tests.Cli;

/// <summary>What <c>--weights</c> may name.</summary>
public sealed class SavedWeightsTests : IDisposable
{
    private const string Job = """
        name: saved
        data: { dataset: digits, limit: 100, validation: { fraction: 0.2 } }
        model: [ flatten, dense: { units: 10 } ]
        training: { loss: softmaxCrossEntropy, epochs: 1, batch: 32, optimizer: { sgd: { learningRate: 0.1 } } }
        """;

    private readonly CommandLineFixture _cli = new();

    [Fact]
    public async Task Weights_are_a_files_a_checkpoints_or_those_of_a_runs_newest_checkpoint()
    {
        var run = new SavedRun(_cli.Folder, Job);
        string checkpoint = Path.Combine(run.Path, CheckpointFiles.Folder, "step-0000000000"), file = Path.Combine(checkpoint, CheckpointFiles.Model);
        Assert.Equal(file, SavedWeights.File(file));
        Assert.Equal(file, SavedWeights.File(checkpoint));
        Assert.Equal(file, SavedWeights.File(run.Path));
        Assert.True(await _cli.RunAsync("check", _cli.JobFile, "--weights", run.Path) == 0, _cli.Error);
    }

    [Fact]
    public void A_damaged_checkpoint_is_not_passed_over()
    {
        var run = new SavedRun(_cli.Folder, Job);
        File.WriteAllBytes(Path.Combine(run.Path, CheckpointFiles.Folder, "step-0000000000", CheckpointFiles.Model), [1, 2, 3]);
        Assert.Throws<CheckpointException>(() => SavedWeights.File(run.Path));
    }

    [Fact]
    public void Another_folder_has_no_weights()
    {
        InputException fault = Assert.Throws<InputException>(() => SavedWeights.File(_cli.Folder));
        Assert.Contains("neither a checkpoint nor a run with one", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => _cli.Dispose();
}
