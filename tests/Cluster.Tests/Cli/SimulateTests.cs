namespace Lockstep.Cluster.Tests.Cli;

public sealed class SimulateTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    public static TheoryData<string, string> Mistakes => new()
    {
        { "--workers 0", "--workers takes whole numbers from 1 up with commas between them" },
        { "--workers 1,,2", "not '1,,2'" },
        { "--workers four", "not 'four'" },
        { "--servers -1", "--servers takes whole numbers" },
        { "--bandwidth 10", "'10' is no bandwidth" },
        { "--bandwidth 10gbps", "a small b is a bit" },
        { "--latency 50", "'50' is no time" },
        { "--latency=-1ms", "write a number from 0 up" },
        { "--cores 0", "--cores takes a whole number" },
        { "--local --bandwidth 10Gbps", "leave --bandwidth out" },
        { "--local --servers 2", "leave --servers out" },
        { "--threads 9", "which has 8 processors" },
        { "--servers 2 --workers 1", "are 1 blocks" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_mistake_is_one_clear_message_and_code_2(string options, string words)
    {
        Assert.Equal(2, await _cli.RunAsync(["simulate", _cli.JobFile, .. options.Split(' ')]));
        Assert.Contains(words, _cli.Error);
        Assert.DoesNotContain("   at ", _cli.Error);
        Assert.DoesNotContain("measured", _cli.Output);
    }

    [Fact]
    public async Task More_workers_than_leaves_are_refused_with_what_to_do()
    {
        Assert.Equal(2, await _cli.RunAsync("simulate", _cli.JobFile, "--workers", "4,100"));
        Assert.Contains("--workers 100: the job has 16 shards", _cli.Error);
        Assert.Contains("Ask for at most 16 workers.", _cli.Error);
        Assert.Contains("--set training.shards=128 and --set training.batch=128 or more", _cli.Error);
        Assert.Contains("another one", _cli.Error);
    }

    [Fact]
    public async Task More_workers_than_any_job_has_leaves_are_told_the_most()
    {
        Assert.Equal(2, await _cli.RunAsync("simulate", _cli.JobFile, "--workers", "5000"));
        Assert.Contains("A job may have up to 4096 leaves.", _cli.Error);
    }

    [Fact]
    public async Task A_forecast_has_a_line_for_every_number_of_workers()
    {
        Assert.True(await _cli.RunAsync("simulate", _cli.JobFile, "--workers", "16,1,4", "--bandwidth", "1Gbps", "--latency", "1ms") == 0, _cli.Error);
        Assert.Contains("650 parameters in 1 block, 64 samples and 16 leaves a step", _cli.Output);
        Assert.Matches("computing: 1 leaf [0-9.]+[a-z]+ · 2 leaves ", _cli.Output);
        Assert.Contains("1Gbps each way, 1ms from one to another", _cli.Output);
        Assert.Matches("(?m)^ +1 +1 +[0-9.]+ms +[0-9.k]+ +1\\.00 +100% +", _cli.Output);
        Assert.Matches("(?ms)^ +1 +1 .*^ +4 +1 .*^ +16 +1 ", _cli.Output);
        // Two ways of a millisecond are most of what a step of so small a model takes.
        Assert.Matches("(?m)^ +16 +1 +[0-9.]+ms .* latency and waking \\([0-9]+%\\)$", _cli.Output);
        Assert.Matches("(?m)^ +1\\.[0-9]+  a latency of 500us ", _cli.Output);
    }

    [Fact]
    public async Task Workers_of_this_machine_are_forecast_up_to_the_leaves_of_the_job()
    {
        Assert.True(await _cli.RunAsync("simulate", _cli.JobFile, "--local", "--cores", "2", "--set", "training.shards=4") == 0, _cli.Error);
        Assert.Contains("processes of one machine with 2 processors", _cli.Output);
        Assert.Matches("(?ms)^ +1 +1 .*^ +2 +1 .*^ +4 +1 ", _cli.Output);
        Assert.DoesNotContain("link", _cli.Output);
    }

    [Fact]
    public async Task The_help_teaches_with_examples()
    {
        Assert.Equal(0, await _cli.RunAsync("simulate", "--help"));
        Assert.Contains("--bandwidth", _cli.Output);
        Assert.Contains("lockstep simulate examples/mnist-mlp.yaml --workers", _cli.Output);
    }

    public void Dispose() => _cli.Dispose();
}
