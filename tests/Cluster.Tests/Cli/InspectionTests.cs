namespace Lockstep.Cluster.Tests.Cli;

public sealed class InspectionTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    [Fact]
    public async Task Gradients_are_the_same_bytes_for_every_number_of_threads()
    {
        string one = Path.Combine(_cli.Folder, "one.safetensors"), three = Path.Combine(_cli.Folder, "three.safetensors");
        Assert.Equal(0, await _cli.RunAsync("gradients", _cli.JobFile, "--output", one, "--threads", "1"));
        Assert.Equal(0, await _cli.RunAsync("gradients", _cli.JobFile, "--output", three, "--threads", "3"));
        Assert.Equal(File.ReadAllBytes(one), File.ReadAllBytes(three));
        Assert.Matches("(?m)^loss [0-9.]+", _cli.Output);
    }

    [Fact]
    public async Task Gradients_start_from_given_weights()
    {
        string first = Path.Combine(_cli.Folder, "first.safetensors");
        Assert.Equal(0, await _cli.RunAsync("gradients", _cli.JobFile, "--output", first));
        Assert.Equal(2, await _cli.RunAsync("gradients", _cli.JobFile, "--output", first + "2", "--weights", first));
        Assert.False(File.Exists(first + "2"));
        Assert.Contains("weights.reinitialize", _cli.Error);
    }

    [Theory]
    [InlineData("evaluate")]
    [InlineData("predict inputs.safetensors")]
    public async Task A_folder_that_is_no_checkpoint_is_bad_input(string line)
    {
        string[] words = line.Split(' ');
        Assert.Equal(2, await _cli.RunAsync([words[0], _cli.Folder, .. words[1..]]));
        Assert.Contains("not a checkpoint", _cli.Error);
        Assert.Equal(2, await _cli.RunAsync([words[0], Path.Combine(_cli.Folder, "missing"), .. words[1..]]));
        Assert.Contains("no such folder", _cli.Error);
    }

    [Fact]
    public async Task The_list_of_data_sets_says_which_are_built_in()
    {
        Assert.Equal(0, await _cli.RunAsync("data", "list"));
        Assert.Contains("digits", _cli.Output);
        Assert.Contains("built in", _cli.Output);
        Assert.Contains("mnist", _cli.Output);
    }

    [Fact]
    public async Task A_data_set_that_nobody_knows_is_bad_input_with_those_that_are_known()
    {
        Assert.Equal(2, await _cli.RunAsync("data", "get", "minst", "--output", _cli.Folder));
        Assert.Contains("mnist", _cli.Error);
    }

    public void Dispose() => _cli.Dispose();
}
