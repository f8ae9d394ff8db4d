namespace Lockstep.Cluster.Tests.Cli;

public sealed class ResumeTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    [Fact]
    public async Task A_named_run_is_resumed_with_its_own_job()
    {
        string run = _cli.MakeRun("digits-20260101-000000");
        Assert.Equal(0, await _cli.RunAsync("train", "--resume", run));
        Assert.Equal(run, _cli.Host.Coordinator!.ResumeFrom);
        Assert.Equal("digits", _cli.Host.Coordinator.Job.Name);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Without_a_name_the_newest_run_of_the_job_that_has_a_checkpoint_is_resumed(bool jobLast)
    {
        _cli.MakeRun("digits-20260101-000000");
        string newest = _cli.MakeRun("digits-20260301-000000");
        _cli.MakeRun("digits-20260401-000000", checkpoint: false);
        _cli.MakeRun("digits-wide-20260501-000000");
        string[] line = jobLast
            ? ["train", "--output", _cli.Runs, "--resume", _cli.JobFile]
            : ["train", _cli.JobFile, "--output", _cli.Runs, "--resume"];
        Assert.Equal(0, await _cli.RunAsync(line));
        Assert.Equal(newest, _cli.Host.Coordinator!.ResumeFrom);
    }

    [Fact]
    public async Task Without_an_earlier_run_nothing_starts()
    {
        Assert.Equal(2, await _cli.RunAsync("train", _cli.JobFile, "--output", _cli.Runs, "--resume"));
        Assert.Contains("there is no run of 'digits'", _cli.Error);
        Assert.Null(_cli.Host.Coordinator);
    }

    [Fact]
    public async Task A_folder_that_is_no_run_is_refused()
    {
        Assert.Equal(2, await _cli.RunAsync("train", "--resume", _cli.Folder));
        Assert.Contains("no run directory", _cli.Error);
        Assert.Equal(2, await _cli.RunAsync("train", "--resume", Path.Combine(_cli.Folder, "missing")));
        Assert.Contains("no such folder", _cli.Error);
    }

    public void Dispose() => _cli.Dispose();
}
