using Lockstep.Coordinator.Running;
using Lockstep.Coordinator.Succession;

namespace Lockstep.Cluster.Tests.Cli;

/// <summary>What <c>lockstep coordinator --standby</c> takes, refuses, and ends with.</summary>
public sealed class StandbyParsingTests : IDisposable
{
    private readonly CommandLineFixture _cli = new();

    public StandbyParsingTests() => _cli.Variables["LOCKSTEP_TOKEN"] = CommandLineFixture.Token;

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task A_standby_takes_whom_to_join_and_what_it_leads_with()
    {
        Assert.Equal(0, await _cli.RunAsync(
            "coordinator", "--standby", "--join", "a:4770", "--join", "b:4771", "--listen", "10.0.0.6:4770", "--allow-plaintext", "--output", _cli.Runs, "--join-timeout", "7"));
        StandbyOptions options = _cli.Host.Standby!;
        Assert.Equal(["a:4770", "b:4771"], options.Join.Select(join => join.ToString()));
        Assert.Equal(("10.0.0.6", 4770, _cli.Runs, 7.0, 1), (options.ListenHost, options.ListenPort, options.OutputDirectory, options.JoinTimeout.TotalSeconds, options.WorkersMinimum));
        Assert.Equal(CommandLineFixture.Token, options.Token.Reveal());
        Assert.Null(_cli.Host.Coordinator);
    }

    [Theory]
    [InlineData("A standby must know for whom", "--standby")]
    [InlineData("--join goes with --standby", "job.yaml", "--join", "a:4770")]
    [InlineData("JOB does not go with --standby", "job.yaml", "--standby", "--join", "a:4770")]
    [InlineData("--steps does not go with --standby", "--standby", "--join", "a:4770", "--steps", "5")]
    [InlineData("--resume does not go with --standby", "--standby", "--join", "a:4770", "--resume", "runs/x")]
    [InlineData("port 0 is no port to join", "--standby", "--join", "a:0")]
    [InlineData("0.0.0.0 means nothing to them", "--standby", "--join", "a:1", "--listen", "0.0.0.0:4770", "--allow-plaintext")]
    [InlineData("leave one of them out", "--standby", "--join", "a:1", "--listen", "10.0.0.6:4770", "--tls", "--allow-plaintext")]
    public async Task What_makes_no_sense_is_refused_with_what_to_do(string says, params string[] arguments)
    {
        Assert.Equal(2, await _cli.RunAsync(["coordinator", .. arguments]));
        Assert.Contains(says, _cli.Error, StringComparison.Ordinal);
        Assert.Null(_cli.Host.Standby);
    }

    [Fact]
    public async Task A_standby_needs_the_token()
    {
        _cli.Variables.Clear();
        Assert.Equal(2, await _cli.RunAsync("coordinator", "--standby", "--join", "a:4770"));
        Assert.Contains("no join token", _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StandbyOutcome.RunEnded, null, 0)]
    [InlineData(StandbyOutcome.Left, null, 0)]
    [InlineData(StandbyOutcome.Refused, null, 2)]
    [InlineData(StandbyOutcome.CoordinatorLost, null, 1)]
    [InlineData(StandbyOutcome.Failed, null, 1)]
    [InlineData(StandbyOutcome.Led, RunOutcome.Completed, 0)]
    [InlineData(StandbyOutcome.Led, RunOutcome.TargetMissed, 3)]
    [InlineData(StandbyOutcome.Led, RunOutcome.Failed, 1)]
    [InlineData(StandbyOutcome.Led, RunOutcome.Superseded, 4)]
    public async Task Its_exit_code_says_how_its_watch_or_its_run_ended(StandbyOutcome outcome, RunOutcome? led, int code)
    {
        _cli.Host.StandbyEnd = new StandbyEnd(outcome, "why", led is { } run ? new RunEnded(run, 1, [], null, null, null, null) : null);
        Assert.Equal(code, await _cli.RunAsync("coordinator", "--standby", "--join", "a:4770"));
    }
}
