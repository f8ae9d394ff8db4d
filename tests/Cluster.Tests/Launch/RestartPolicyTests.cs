using Lockstep.Launch;

namespace Lockstep.Cluster.Tests.Launch;

public sealed class RestartPolicyTests
{
    private static readonly RestartPolicy Policy = new();
    private static readonly ProcessEnd Killed = ProcessEnd.FromExitCode(137);

    [Fact]
    public void The_pause_doubles_with_every_restart_and_the_sixth_crash_within_a_minute_is_the_last()
    {
        var restarts = new List<TimeSpan>();
        var pauses = new List<double>();
        TimeSpan now = TimeSpan.FromSeconds(100);
        for (int crash = 0; crash < 5; crash++)
        {
            var restart = Assert.IsType<RestartDecision.Restart>(Policy.Decide(Killed, restarts, now));
            pauses.Add(restart.After.TotalSeconds);
            restarts.Add(now);
            now += TimeSpan.FromSeconds(1);
        }

        Assert.Equal([0.25, 0.5, 1, 2, 4], pauses);
        var giveUp = Assert.IsType<RestartDecision.GiveUp>(Policy.Decide(Killed, restarts, now));
        Assert.Contains("5 restarts within 60 s", giveUp.Reason);
        Assert.Contains("SIGKILL", giveUp.Reason);
    }

    [Fact]
    public void Restarts_that_are_longer_ago_than_the_window_are_forgotten()
    {
        TimeSpan[] restarts = [.. Enumerable.Range(0, 5).Select(i => TimeSpan.FromSeconds(i))];
        Assert.IsType<RestartDecision.GiveUp>(Policy.Decide(Killed, restarts, TimeSpan.FromSeconds(59.9)));
        var restart = Assert.IsType<RestartDecision.Restart>(Policy.Decide(Killed, restarts, TimeSpan.FromSeconds(64)));
        Assert.Equal(Policy.FirstPause, restart.After);
    }

    [Fact]
    public void The_pause_has_an_upper_bound()
    {
        var policy = new RestartPolicy { MaximumRestarts = 1000 };
        TimeSpan[] restarts = [.. Enumerable.Repeat(TimeSpan.Zero, 500)];
        var restart = Assert.IsType<RestartDecision.Restart>(policy.Decide(Killed, restarts, TimeSpan.FromSeconds(1)));
        Assert.Equal(policy.LongestPause, restart.After);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_worker_that_left_or_was_refused_is_not_started_again(int exitCode) =>
        Assert.IsType<RestartDecision.GiveUp>(Policy.Decide(ProcessEnd.FromExitCode(exitCode), [], TimeSpan.Zero));

    [Theory]
    [InlineData(0, ProcessEndKind.Left, "left")]
    [InlineData(1, ProcessEndKind.Crashed, "exit code 1")]
    [InlineData(2, ProcessEndKind.Refused, "refused")]
    [InlineData(134, ProcessEndKind.Crashed, "SIGABRT")]
    [InlineData(137, ProcessEndKind.Crashed, "out of memory")]
    [InlineData(139, ProcessEndKind.Crashed, "SIGSEGV")]
    [InlineData(143, ProcessEndKind.Crashed, "SIGTERM")]
    [InlineData(159, ProcessEndKind.Crashed, "signal 31")]
    [InlineData(255, ProcessEndKind.Crashed, "exit code 255")]
    [InlineData(-1073741819, ProcessEndKind.Crashed, "exit code -1073741819")]
    public void An_exit_code_is_put_into_words(int exitCode, ProcessEndKind kind, string words)
    {
        var end = ProcessEnd.FromExitCode(exitCode);
        Assert.Equal(kind, end.Kind);
        Assert.Contains(words, end.Meaning);
    }
}
